// SPDX-License-Identifier: Apache-2.0
package dev.simul.http.soak

import com.sun.management.UnixOperatingSystemMXBean
import dev.simul.createTask
import dev.simul.house.Leftovers
import dev.simul.loop.EventLoop
import dev.simul.loop.getRunningLoop
import dev.simul.sleep
import dev.simul.toThread
import java.lang.management.BufferPoolMXBean
import java.lang.management.ManagementFactory
import java.nio.file.Path
import kotlin.random.Random
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.seconds
import kotlin.time.TimeSource
import dev.simul.run as runLoop

/**
 * The soak at full length: `connections requests [seed]`. The servers are in a process of their own, since one may not be allowed as many
 * descriptors as both ends need.
 */
internal fun main(args: Array<String>) {
    val (connections, requests) = args.map { it.toInt() }
    val plan = longSoak(connections, requests, args.getOrNull(2)?.toLong() ?: Random.nextLong(1_000_000))
    if (plan.isNotEmpty()) throw AssertionError(plan.joinToString("\n"))
}

/** Runs it, and prints figures of both ends; returns what is wrong. */
internal fun longSoak(
    connections: Int,
    requests: Int,
    seed: Long,
): List<String> {
    val allowed = (ManagementFactory.getOperatingSystemMXBean() as? UnixOperatingSystemMXBean)?.maxFileDescriptorCount ?: Long.MAX_VALUE
    check(allowed > connections * 1.2 + 500) { "$connections connections need more than the $allowed descriptors of ulimit -n" }
    val plan = SoakPlan(seed, connections, requests, PATIENCE, HANG)
    println("$plan, JDK ${System.getProperty("java.version")}")
    val problems = ArrayList<String>()
    val servers = startServers(plan)
    try {
        val ports = servers.inputReader().readLine().split(' ').map { it.toInt() }
        runLoop { SoakClient(getRunningLoop(), SoakPlan(1, 5, 10, 500.milliseconds), ports).run() } // What the first sockets load stays.
        val before = Figures.now()
        runLoop { getRunningLoop().request(plan, ports, problems) }
        println("clients: before $before, after ${Figures.now()}")
        if (descriptors() != before.descriptors) problems += "the clients have ${descriptors()} descriptors, not ${before.descriptors}"
        servers.outputStream.close()
        for (line in servers.inputReader().lines()) if (line.startsWith(FIGURES)) println(line.removePrefix(FIGURES)) else problems += line
        if (servers.waitFor() != 0) problems += "the servers end with ${servers.exitValue()}"
    } finally {
        servers.destroyForcibly()
    }
    return problems
}

private suspend fun EventLoop.request(
    plan: SoakPlan,
    ports: List<Int>,
    problems: MutableList<String>,
) {
    val leftovers = Leftovers(this)
    val client = SoakClient(this, plan, ports)
    val began = TimeSource.Monotonic.markNow()
    val watch =
        createTask {
            while (true) {
                sleep(15.seconds)
                println("${began.elapsedNow().inWholeSeconds} s: ${client.outcomes.values.sum()} requests, $client, ${Figures.quick()}")
            }
        }
    client.run()
    watch.cancel()
    println("${client.outcomes.values.sum()} requests in ${began.elapsedNow()}, ${client.most} connections at once: ${client.outcomes}")
    problems += client.wrong
    repeat(10) { sleep(0.seconds) }
    problems += leftovers.now()
    if (client.most < plan.connections) problems += "there were ${client.most} connections at once"
}

private fun startServers(plan: SoakPlan): Process {
    val java = Path.of(System.getProperty("java.home"), "bin", "java").toString()
    val path = System.getProperty("surefire.test.class.path") ?: System.getProperty("java.class.path")
    val arguments = listOf(plan.seed, plan.connections, plan.requests).map { "$it" }
    return ProcessBuilder(listOf(java, "-Xmx2g", "-cp", path, LongSoakServers::class.java.name) + arguments)
        .redirectError(ProcessBuilder.Redirect.INHERIT)
        .start()
}

/** The process of the servers: tells their ports, and serves until its input ends. */
internal object LongSoakServers {
    @JvmStatic
    fun main(args: Array<String>) {
        val (seed, connections, requests) = args.map { it.toLong() }
        val plan = SoakPlan(seed, connections.toInt(), requests.toInt(), PATIENCE)
        runLoop {
            // What the first sockets load stays.
            val first = SoakServer(getRunningLoop(), plan)
            first.start()
            first.stop()
        }
        val before = Figures.now()
        runLoop { getRunningLoop().serve(plan) }
        println("${FIGURES}servers: before $before, after ${Figures.now()}")
        if (descriptors() != before.descriptors) println("the servers have ${descriptors()} descriptors, not ${before.descriptors}")
    }

    private suspend fun EventLoop.serve(plan: SoakPlan) {
        val leftovers = Leftovers(this)
        val server = SoakServer(this, plan)
        server.start()
        println(server.ports.joinToString(" "))
        toThread { System.`in`.readAllBytes() }
        server.stop().forEach(::println)
        server.reports.take(20).forEach(::println)
        repeat(10) { sleep(0.seconds) }
        leftovers.now().forEach(::println)
        println("${FIGURES}servers: ${server.answered} answers, ${server.most} connections at once")
    }
}

private val PATIENCE = 15.seconds

/** Ten thousand tasks may keep one another waiting. */
private val HANG = 180.seconds
private const val FIGURES = "figures: "

/** What this process has. */
private class Figures(
    val descriptors: Int,
    val heap: Long,
    val direct: Long,
) {
    override fun toString() = "$descriptors descriptors, ${heap shr 10} KiB of heap, ${direct shr 10} KiB of direct buffers"

    companion object {
        fun quick(): Figures {
            val runtime = Runtime.getRuntime()
            val direct = ManagementFactory.getPlatformMXBeans(BufferPoolMXBean::class.java).first { it.name == "direct" }
            return Figures(descriptors(), runtime.totalMemory() - runtime.freeMemory(), direct.memoryUsed)
        }

        /** After garbage is collected. */
        fun now(): Figures {
            repeat(4) {
                System.gc()
                Thread.sleep(50)
            }
            return quick()
        }
    }
}
