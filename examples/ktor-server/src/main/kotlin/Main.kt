// SPDX-License-Identifier: Apache-2.0
package quotes

import dev.simul.loop.EventLoop
import dev.simul.loop.addSignalHandler
import dev.simul.loop.getRunningLoop
import dev.simul.runCoroutineThreadsafe
import dev.simul.runLoop
import dev.simul.sync.Event
import io.ktor.client.HttpClient
import io.ktor.server.application.Application
import io.ktor.server.cio.CIO
import io.ktor.server.engine.embeddedServer
import io.ktor.server.response.respondText
import io.ktor.server.routing.get
import io.ktor.server.routing.routing
import kotlinx.coroutines.future.await
import kotlin.time.Duration.Companion.seconds
import io.ktor.client.engine.cio.CIO as ClientCIO

/**
 * Ktor's handlers run in Ktor's threads. Each hands its work to the loop and waits for it; when the client goes away, Ktor cancels
 * the handler, and that cancels the work.
 */
fun Application.quotes(
    loop: EventLoop,
    quotes: Quotes,
) = routing {
    get("/quotes/{item}") {
        val prices = runCoroutineThreadsafe(loop) { quotes.of(call.parameters["item"]!!) }.await()
        call.respondText(prices.entries.joinToString("") { (name, price) -> "$name $price\n" })
    }
}

/** Arguments: `name=http://address` for each supplier. */
fun main(args: Array<String>) =
    runLoop {
        val loop = getRunningLoop()
        HttpClient(ClientCIO).use { client ->
            val suppliers = args.map { WebSupplier(it.substringBefore('='), it.substringAfter('='), client) }
            val quotes = Quotes(suppliers, patience = 2.seconds)
            val server = embeddedServer(CIO, port = 8080, host = "127.0.0.1") { quotes(loop, quotes) }

            val told = Event()
            for (signal in listOf("INT", "TERM")) loop.addSignalHandler(signal) { told.set() }
            server.startSuspend()
            told.wait()
            server.stopSuspend(gracePeriodMillis = 1_000, timeoutMillis = 5_000)
        }
    }
