// SPDX-License-Identifier: Apache-2.0
package dev.simul.benchmarks.drivers

import dev.simul.FacadeApi
import dev.simul.createTask
import dev.simul.facade.Asyncio
import dev.simul.interop.awaitInBody
import dev.simul.sleep
import java.time.Duration
import kotlin.time.Duration.Companion.seconds
import dev.simul.run as runLoop

/**
 * Asks a server by a driver again and again, and prints the summary of a [Measurement].
 *
 * Arguments: the driver (`redis`, `redis-consolidated` or `postgresql`), where its channels are (`netty`, on its own threads, or `loop`),
 * who asks (`tasks` in Kotlin or `bodies` in Java), how many ask at once, the port, the user, and how many seconds to warm up and to
 * measure. The carrier of bodies is chosen as always.
 */
internal fun main(args: Array<String>) {
    val (driver, channels, callers, underWay) = args
    val (port, user, warmUp, measured) = args.drop(4)
    val onLoop = channels == "loop"

    suspend fun connect(): Connection =
        when (driver) {
            "redis" -> RedisConnection.of(port.toInt(), onLoop, consolidatesFlushes = false)
            "redis-consolidated" -> RedisConnection.of(port.toInt(), onLoop, consolidatesFlushes = true)
            "postgresql" -> PostgresConnection.of(port.toInt(), user, onLoop, pipelined = underWay.toInt())
            else -> error("there is no driver '$driver'")
        }
    val client = Client(::connect, underWay.toInt(), warmUp.toLong(), measured.toLong())
    if (callers == "bodies") client.runBodies() else client.runTasks()
}

private class Client(
    private val connect: suspend () -> Connection,
    private val underWay: Int,
    private val warmUp: Long,
    private val measured: Long,
) {
    private val measurement = Measurement()

    fun runTasks() =
        runLoop {
            val connection = connect()
            repeat(underWay) {
                createTask {
                    orEnd {
                        while (true) {
                            val askedAt = System.nanoTime()
                            connection.ask()
                            measurement.add(askedAt)
                        }
                    }
                }
            }
            sleep(warmUp.seconds)
            measurement.begin()
            sleep(measured.seconds)
            end()
        }

    @OptIn(FacadeApi::class)
    fun runBodies() =
        Asyncio.run {
            val connection = awaitInBody(createTask { connect() })
            repeat(underWay) {
                Asyncio.createTask {
                    orEnd {
                        while (true) {
                            val askedAt = System.nanoTime()
                            connection.askInBody()
                            measurement.add(askedAt)
                        }
                    }
                }
            }
            Asyncio.sleep(Duration.ofSeconds(warmUp)).await()
            measurement.begin()
            Asyncio.sleep(Duration.ofSeconds(measured)).await()
            end()
        }

    /** A question that fails fails the benchmark. */
    private inline fun orEnd(ask: () -> Unit) =
        try {
            ask()
        } catch (e: Throwable) {
            e.printStackTrace()
            Runtime.getRuntime().halt(1)
        }

    private fun end() {
        println(measurement.summary())
        System.out.flush()
        Runtime.getRuntime().halt(0)
    }
}
