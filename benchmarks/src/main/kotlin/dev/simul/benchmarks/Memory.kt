// SPDX-License-Identifier: Apache-2.0
package dev.simul.benchmarks

import dev.simul.Future
import dev.simul.benchmarks.report.Figure
import dev.simul.createTask
import dev.simul.loop.getRunningLoop
import dev.simul.net.Server
import dev.simul.net.ServerOptions
import dev.simul.net.createServer
import dev.simul.run
import dev.simul.sleep
import dev.simul.streams.startServer
import dev.simul.transports.Protocol
import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.delay
import kotlinx.coroutines.launch
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.yield
import java.io.File
import java.net.InetSocketAddress
import java.nio.channels.SocketChannel
import kotlin.time.Duration.Companion.ZERO
import kotlin.time.Duration.Companion.hours
import kotlin.time.Duration.Companion.milliseconds

private const val PARKED = 500_000
private const val ASLEEP = 1_000_000
private const val CONNECTIONS = 10_000

/**
 * `./simul bench memory`: prints what things take that are there in great numbers and do nothing, in bytes of heap; with `--json`, an object
 * for each.
 */
public fun main(arguments: Array<String>) {
    if ("--json" in arguments) return printObjects()
    println("%,d idle connections of a server".format(CONNECTIONS))
    println(
        "    %,d bytes a protocol, %,d a task that waits to read".format(
            connectionBytes(::protocolServer),
            connectionBytes(::streamsServer),
        ),
    )
    println("%,d tasks that wait for one future".format(PARKED))
    println("    %,d bytes a task; %,d a coroutine of kotlinx".format(simulBytes(), kotlinxBytes()))
    println("%,d that sleep".format(ASLEEP))
    println("    %,d bytes a timer of callLater, %,d a task that sleeps".format(timerBytes(), sleeperBytes()))
}

private fun printObjects() {
    println(Figure("idleConnection", "simul-protocol", connectionBytes(::protocolServer).toDouble()).toJson())
    println(Figure("idleConnection", "simul", connectionBytes(::streamsServer).toDouble()).toJson())
    println(Figure("parkedTask", "simul", simulBytes().toDouble()).toJson())
    println(Figure("parkedTask", "kotlinx", kotlinxBytes().toDouble()).toJson())
    println(Figure("timer", "simul", timerBytes().toDouble()).toJson())
    println(Figure("sleepingTask", "simul", sleeperBytes().toDouble()).toJson())
    println(Figure("sleepingTask", "kotlinx", kotlinxSleeperBytes().toDouble()).toJson())
}

private fun simulBytes(): Long =
    run {
        val never = Future<Unit>()
        val before = usedBytes()
        repeat(PARKED) { createTask { never.await() } }
        sleep(ZERO)
        val bytes = (usedBytes() - before) / PARKED
        never.setResult(Unit)
        bytes
    }

private fun kotlinxBytes(): Long =
    runBlocking {
        val never = CompletableDeferred<Unit>()
        val before = usedBytes()
        repeat(PARKED) { launch { never.await() } }
        yield()
        val bytes = (usedBytes() - before) / PARKED
        never.complete(Unit)
        bytes
    }

private fun timerBytes(): Long =
    run {
        val loop = getRunningLoop()
        val before = usedBytes()
        val nothing = {}
        repeat(ASLEEP) { loop.callLater(1.hours + it.milliseconds, callback = nothing) }
        (usedBytes() - before) / ASLEEP
    }

private fun sleeperBytes(): Long =
    run {
        val before = usedBytes()
        repeat(ASLEEP) { createTask { sleep(1.hours + it.milliseconds) } }
        sleep(ZERO)
        (usedBytes() - before) / ASLEEP
    }

private fun kotlinxSleeperBytes(): Long =
    runBlocking {
        val before = usedBytes()
        val sleeping = List(ASLEEP) { launch { delay(1.hours + it.milliseconds) } }
        yield()
        val bytes = (usedBytes() - before) / ASLEEP
        sleeping.forEach { it.cancel() }
        bytes
    }

private suspend fun protocolServer(connected: () -> Unit): Server =
    getRunningLoop().createServer("127.0.0.1", 0, ServerOptions(backlog = 1_000)) {
        connected()
        object : Protocol {}
    }

private suspend fun streamsServer(connected: () -> Unit): Server =
    startServer("127.0.0.1", 0, options = ServerOptions(backlog = 1_000)) { reader, writer ->
        connected()
        reader.read(1)
        writer.close()
    }

private fun connectionBytes(serve: suspend (connected: () -> Unit) -> Server): Long =
    run {
        var connected = 0
        val server = serve { connected++ }
        val port = (server.addresses.single() as InetSocketAddress).port
        Clients(port, 100).use { it.sleepUntil { connected == 100 } } // what is loaded and allocated once
        val before = usedBytes()
        connected = 0
        Clients(port, CONNECTIONS)
            .use {
                it.sleepUntil { connected == CONNECTIONS }
                (usedBytes() - before) / CONNECTIONS
            }.also { server.aclose() }
    }

/** The other ends are in another process. */
private class Clients(
    port: Int,
    count: Int,
) : AutoCloseable {
    private val process =
        ProcessBuilder(
            System.getProperty("java.home") + "/bin/java",
            "-cp",
            System.getProperty("java.class.path"),
            Connecting::class.java.name,
            port.toString(),
            count.toString(),
        ).redirectError(ProcessBuilder.Redirect.INHERIT).start()

    suspend fun sleepUntil(condition: () -> Boolean) {
        while (!condition()) {
            check(process.isAlive) { "the clients could not all connect: is the limit of open files too low?" }
            sleep(10.milliseconds)
        }
        sleep(100.milliseconds)
    }

    override fun close() {
        process.outputStream.close()
        process.waitFor()
    }
}

/** Connects, and leaves when its input ends. */
internal object Connecting {
    @JvmStatic
    fun main(args: Array<String>) {
        val (port, count) = args.map { it.toInt() }
        val channels = List(count) { SocketChannel.open(InetSocketAddress("127.0.0.1", port)) }
        System.`in`.read()
        channels.forEach { it.close() }
    }
}

internal fun usedBytes(): Long {
    var used = bytesAfterCollection()
    repeat(MOST_COLLECTIONS) {
        val before = used
        used = bytesAfterCollection()
        if (used > before - before / SETTLED) return used
    }
    return used
}

private fun bytesAfterCollection(): Long {
    repeat(3) {
        System.gc()
        Thread.sleep(50)
    }
    return Runtime.getRuntime().run { totalMemory() - freeMemory() }
}

private const val MOST_COLLECTIONS = 20
private const val SETTLED = 1_000

/** What the system counts as the process's memory; 0 where it does not say. */
internal fun residentBytes(): Long {
    val line = File("/proc/self/status").takeIf { it.canRead() }?.readLines()?.find { it.startsWith("VmRSS:") } ?: return 0
    return line.filter(Char::isDigit).toLong() * 1024
}
