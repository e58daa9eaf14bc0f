// SPDX-License-Identifier: Apache-2.0
package dev.simul.benchmarks

import com.sun.management.OperatingSystemMXBean
import dev.simul.benchmarks.report.Figure
import dev.simul.bodies.carrier
import dev.simul.facade.Asyncio.createTask
import dev.simul.facade.Asyncio.sleep
import dev.simul.loop.getRunningLoop
import java.lang.management.ManagementFactory
import java.time.Duration
import dev.simul.facade.Asyncio.run as runLoop

/** `./simul bench bodies COUNT`: prints what that many bodies of plain Java cost that are asleep at once; with `--json`, as objects. */
public fun main(arguments: Array<String>) {
    val count = arguments.firstOrNull { it != "--json" }?.toInt() ?: 2_000
    runLoop {
        val heap = usedBytes()
        val resident = residentBytes()
        val begin = System.nanoTime()
        val tasks = List(count) { createTask { sleep(Duration.ofHours(1)).await() } }
        sleep(Duration.ofMillis(1)).await()
        val seconds = (System.nanoTime() - begin) / 1e9
        if ("--json" in arguments) printObjects(count, heap, resident) else printLines(count, heap, resident, seconds)
        tasks.forEach { it.cancel(null) }
    }
}

private fun printLines(
    count: Int,
    heap: Long,
    resident: Long,
    seconds: Double,
) {
    println("%,d bodies asleep, carrier %s, after %.1f s".format(count, getRunningLoop().carrier.name.lowercase(), seconds))
    println("%,d bytes of heap a body".format((usedBytes() - heap) / count))
    if (resident > 0) println("%,d bytes resident a body".format((residentBytes() - resident) / count))
    println("%.1f ms of processor time in 2 s".format(processorMillisIn(Duration.ofSeconds(2))))
}

private fun printObjects(
    count: Int,
    heap: Long,
    resident: Long,
) {
    val carrier = getRunningLoop().carrier.name.lowercase()
    println(Figure("heapBytes", carrier, (usedBytes() - heap).toDouble() / count).toJson())
    if (resident > 0) println(Figure("residentBytes", carrier, (residentBytes() - resident).toDouble() / count).toJson())
}

private fun processorMillisIn(time: Duration): Double {
    val system = ManagementFactory.getOperatingSystemMXBean() as OperatingSystemMXBean
    val before = system.processCpuTime
    sleep(time).await()
    return (system.processCpuTime - before) / 1e6
}
