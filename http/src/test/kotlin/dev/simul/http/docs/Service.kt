// SPDX-License-Identifier: Apache-2.0
package dev.simul.http.docs

import dev.simul.http.ResponseHead
import dev.simul.http.ServerExchange
import dev.simul.http.createHttpServer
import dev.simul.loop.addSignalHandler
import dev.simul.loop.getRunningLoop
import dev.simul.runLoop
import dev.simul.sleep
import dev.simul.sync.Event
import java.net.InetSocketAddress
import java.nio.ByteBuffer
import kotlin.time.Duration
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.seconds

/** Answers requests until it is told to end; then says that it wants no more, and finishes those that it has. */
class Service {
    private val told = Event()

    suspend fun serve(
        host: String,
        port: Int,
        drain: Duration,
    ) {
        for (signal in listOf("INT", "TERM")) getRunningLoop().addSignalHandler(signal) { told.set() }
        val server = getRunningLoop().createHttpServer(host, port) { exchange -> answer(exchange) }
        println("listening at ${(server.addresses.single() as InetSocketAddress).port}")
        told.wait()
        println("draining")
        sleep(drain) // Requests still come, until those that send them have seen /ready.
        server.shutdown(grace = 10.seconds) // No new connections; requests under way have ten seconds.
        println("stopped")
    }

    private suspend fun answer(exchange: ServerExchange) {
        val (status, text) =
            when (exchange.request.target) {
                "/live" -> 200 to "alive"
                "/ready" -> if (told.isSet) 503 to "draining" else 200 to "ready"
                "/work" -> work()
                else -> 404 to "not found"
            }
        exchange.respond(ResponseHead(status), ByteBuffer.wrap(text.encodeToByteArray()))
    }

    private suspend fun work(): Pair<Int, String> {
        sleep(500.milliseconds) // Stands for a database.
        return 200 to "done"
    }
}

fun main(args: Array<String>) {
    val drain = args.getOrNull(2)?.let { Duration.parse(it) } ?: 5.seconds
    runLoop { Service().serve(args[0], args[1].toInt(), drain) }
}
