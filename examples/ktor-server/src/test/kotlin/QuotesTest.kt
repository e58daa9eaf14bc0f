// SPDX-License-Identifier: Apache-2.0
package quotes

import dev.simul.gather
import dev.simul.ktor.client.Simul
import dev.simul.loop.getRunningLoop
import dev.simul.sleep
import dev.simul.testing.network.MemoryNetwork
import dev.simul.testing.runTest
import io.ktor.client.HttpClient
import io.ktor.client.request.get
import io.ktor.client.statement.bodyAsText
import io.ktor.server.engine.embeddedServer
import io.ktor.server.response.respondText
import io.ktor.server.routing.get
import io.ktor.server.routing.routing
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Test
import java.io.IOException
import kotlin.time.Duration
import kotlin.time.Duration.Companion.hours
import kotlin.time.Duration.Companion.seconds
import dev.simul.ktor.server.Simul as SimulServer

class QuotesTest {
    private class Told(
        override val name: String,
        private val price: Int?,
        private val after: Duration = Duration.ZERO,
    ) : Supplier {
        var asked = 0

        override suspend fun price(item: String): Int {
            asked++
            sleep(after)
            return price ?: throw IOException("$item is sold out")
        }
    }

    /** On virtual time: the hour of the slow one takes none. */
    @Test
    fun `no supplier is waited for too long`() =
        runTest {
            val suppliers = listOf(Told("dear", 300, 1.seconds), Told("slow", 1, 1.hours), Told("empty", null), Told("cheap", 200))
            val prices = Quotes(suppliers, patience = 2.seconds).of("tea")
            assertEquals(listOf("cheap" to 200, "dear" to 300), prices.toList())
            assertEquals(2.seconds, getRunningLoop().time())
        }

    @Test
    fun `requests for one item at one time are one`() =
        runTest {
            val supplier = Told("only", 100, 1.seconds)
            val quotes = Quotes(listOf(supplier), patience = 2.seconds)
            gather({ quotes.of("tea") }, { quotes.of("tea") }).await()
            assertEquals(1, supplier.asked)
            quotes.of("tea")
            assertEquals(2, supplier.asked)
        }

    /** From end to end: suppliers and customers are at the other end of connections, in memory. */
    @Test
    fun `the server answers with the prices that come in time`() =
        runTest(MemoryNetwork()) {
            val suppliers =
                embeddedServer(SimulServer, port = 9001, host = "127.0.0.1") {
                    routing {
                        get("/dear/{item}") { call.respondText("300") }
                        get("/cheap/{item}") { call.respondText("200") }
                        get("/slow/{item}") {
                            sleep(1.hours)
                            call.respondText("100")
                        }
                    }
                }.start()
            HttpClient(Simul).use { client ->
                val known = listOf("dear", "cheap", "slow").map { WebSupplier(it, "http://127.0.0.1:9001/$it", client) }
                val quotes = Quotes(known, patience = 2.seconds)
                val server = embeddedServer(SimulServer, port = 8080, host = "127.0.0.1") { quotes(quotes) }.start()
                assertEquals("cheap 200\ndear 300\n", client.get("http://127.0.0.1:8080/quotes/tea").bodyAsText())
                assertEquals(2.seconds, getRunningLoop().time())
                server.stopSuspend(gracePeriodMillis = 0, timeoutMillis = 500)
                suppliers.stopSuspend(gracePeriodMillis = 0, timeoutMillis = 500)
            }
        }
}
