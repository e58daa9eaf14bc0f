// SPDX-License-Identifier: Apache-2.0
package quotes

import dev.simul.ktor.client.Simul
import dev.simul.loop.addSignalHandler
import dev.simul.loop.getRunningLoop
import dev.simul.runLoop
import dev.simul.sync.Event
import io.ktor.client.HttpClient
import io.ktor.server.application.Application
import io.ktor.server.engine.embeddedServer
import io.ktor.server.response.respondText
import io.ktor.server.routing.get
import io.ktor.server.routing.routing
import kotlin.time.Duration.Companion.seconds
import dev.simul.ktor.server.Simul as SimulServer

/** Handlers are tasks of the loop that the server runs on; one whose client goes away is cancelled. */
fun Application.quotes(quotes: Quotes) =
    routing {
        get("/quotes/{item}") {
            val prices = quotes.of(call.parameters["item"]!!)
            call.respondText(prices.entries.joinToString("") { (name, price) -> "$name $price\n" })
        }
    }

/** Arguments: `name=http://address` for each supplier. */
fun main(args: Array<String>) =
    runLoop {
        HttpClient(Simul).use { client ->
            val suppliers = args.map { WebSupplier(it.substringBefore('='), it.substringAfter('='), client) }
            val quotes = Quotes(suppliers, patience = 2.seconds)
            val server = embeddedServer(SimulServer, port = 8080, host = "127.0.0.1") { quotes(quotes) }

            val told = Event()
            for (signal in listOf("INT", "TERM")) getRunningLoop().addSignalHandler(signal) { told.set() }
            server.startSuspend()
            told.wait()
            server.stopSuspend(gracePeriodMillis = 1_000, timeoutMillis = 5_000)
        }
    }
