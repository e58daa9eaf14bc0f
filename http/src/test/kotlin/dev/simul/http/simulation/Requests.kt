// SPDX-License-Identifier: Apache-2.0
package dev.simul.http.simulation

import dev.simul.exceptions.TimeoutException
import dev.simul.http.HttpConnector
import dev.simul.http.HttpConnectorOptions
import dev.simul.http.HttpRoute
import dev.simul.loop.getRunningLoop
import dev.simul.simulation.Host
import dev.simul.simulation.SimulatedProgram
import dev.simul.simulation.Simulation
import dev.simul.sleep
import dev.simul.taskGroup
import dev.simul.timeout
import dev.simul.tls.SslContext
import dev.simul.tls.clientContext
import dev.simul.tls.serverContext
import java.io.IOException
import java.util.concurrent.atomic.AtomicInteger
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.seconds

/** Two hosts make requests of a third one, which loses its power in the middle of them, in bad weather; each repeats what has failed. */
internal open class Requests(
    private val ssl: SslContext? = null,
    private val route: HttpRoute = HttpRoute("server", PORT),
) : SimulatedProgram {
    override suspend fun Simulation.run() {
        badWeather()
        val server = host("server") { serve(ssl) }
        val clients = listOf("ada", "bob").map { name -> host(name) { askAll() } }
        powerFails(server)
        clients.forEach { it.join() }
    }

    private suspend fun Simulation.askAll() =
        HttpConnector(options = HttpConnectorOptions(connectTimeout = 5.seconds)).use { connector ->
            taskGroup { group ->
                for (worker in 0..1) group.createTask { for (number in 1..6) askUntilAnswered(connector, number * 2 + worker) }
            }
        }

    private suspend fun Simulation.askUntilAnswered(
        connector: HttpConnector,
        number: Int,
    ) {
        while (true) {
            try {
                return timeout(20.seconds) { ask(connector, route, number) }
            } catch (e: IOException) {
                failed(number, e)
            } catch (e: TimeoutException) {
                failed(number, e)
            }
        }
    }

    private suspend fun Simulation.failed(
        number: Int,
        reason: Exception,
    ) {
        failures.incrementAndGet()
        log("request $number failed: $reason")
        sleep(200.milliseconds)
    }

    companion object {
        /** How many requests have failed, in all runs of this JVM. */
        val failures = AtomicInteger()
    }
}

/** As [Requests], over TLS. */
internal class SecureRequests : Requests(SERVER, HttpRoute("server", PORT, clientContext(), serverHostname = "localhost")) {
    private companion object {
        /** Its key is one of RSA: the signatures by others are not all of one length. */
        val SERVER = serverContext("chain")
    }
}

/** Takes its power from [server] at some moment of the next second, and gives it back a while later. */
internal suspend fun powerFails(server: Host) {
    val random = getRunningLoop().random
    sleep(random.nextInt(1_000).milliseconds)
    server.crash()
    sleep(random.nextInt(3_000).milliseconds)
    server.restart()
}
