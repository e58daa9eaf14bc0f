// SPDX-License-Identifier: Apache-2.0
package dev.simul.benchmarks

import com.sun.management.OperatingSystemMXBean
import dev.simul.bodies.carrier
import dev.simul.facade.Asyncio.createTask
import dev.simul.facade.Asyncio.sleep
import dev.simul.loop.getRunningLoop
import java.lang.management.ManagementFactory
import java.time.Duration
import dev.simul.facade.Asyncio.run as runLoop

/** `./simul bench bodies COUNT`: prints what that many bodies of plain Java cost that are asleep at once. */
public fun main(arguments: Array<String>) {
    val count = arguments.firstOrNull()?.toInt() ?: 2_000
    runLoop {
        val heap = usedBytes()
        val resident = residentBytes()
        val begin = System.nanoTime()
        val tasks = List(count) { createTask { sleep(Duration.ofHours(1)).await() } }
        sleep(Duration.ofMillis(1)).await()
        val seconds = (System.nanoTime() - begin) / 1e9
        println("%,d bodies asleep, carrier %s, after %.1f s".format(count, getRunningLoop().carrier.name.lowercase(), seconds))
        println("%,d bytes of heap a body".format((usedBytes() - heap) / count))
        if (resident > 0) println("%,d bytes resident a body".format((residentBytes() - resident) / count))
        println("%.1f ms of processor time in 2 s".format(processorMillisIn(Duration.ofSeconds(2))))
        tasks.forEach { it.cancel(null) }
    }
}

private fun processorMillisIn(time: Duration): Double {
    val system = ManagementFactory.getOperatingSystemMXBean() as OperatingSystemMXBean
    val before = system.processCpuTime
    sleep(time).await()
    return (system.processCpuTime - before) / 1e6
}
