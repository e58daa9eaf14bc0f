// SPDX-License-Identifier: Apache-2.0
package quotes

import dev.simul.gather
import dev.simul.loop.getRunningLoop
import dev.simul.runLoop
import dev.simul.sleep
import dev.simul.testing.runTest
import io.ktor.client.HttpClient
import io.ktor.client.request.get
import io.ktor.client.statement.bodyAsText
import io.ktor.server.cio.CIO
import io.ktor.server.engine.embeddedServer
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Test
import java.io.IOException
import kotlin.time.Duration
import kotlin.time.Duration.Companion.hours
import kotlin.time.Duration.Companion.seconds
import io.ktor.client.engine.cio.CIO as ClientCIO

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

    /** Real sockets: Ktor's client asks Ktor's server, whose handler asks the loop. */
    @Test
    fun `the server answers with the prices`() =
        runLoop {
            val loop = getRunningLoop()
            val quotes = Quotes(listOf(Told("dear", 300), Told("cheap", 200)), patience = 30.seconds)
            val server = embeddedServer(CIO, port = 0, host = "127.0.0.1") { quotes(loop, quotes) }
            server.startSuspend()
            try {
                val port = server.engine.resolvedConnectors().single().port
                HttpClient(ClientCIO).use { client ->
                    assertEquals("cheap 200\ndear 300\n", client.get("http://127.0.0.1:$port/quotes/tea").bodyAsText())
                }
            } finally {
                server.stopSuspend(gracePeriodMillis = 0, timeoutMillis = 500)
            }
        }
}
