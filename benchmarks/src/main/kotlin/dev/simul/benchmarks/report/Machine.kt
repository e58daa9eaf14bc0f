// SPDX-License-Identifier: Apache-2.0
package dev.simul.benchmarks.report

import com.sun.management.OperatingSystemMXBean
import java.lang.management.ManagementFactory
import java.nio.file.Path
import kotlin.io.path.exists
import kotlin.io.path.useLines
import kotlin.math.roundToLong

/** Where something is measured. */
internal object Machine {
    /** Processors, memory and kernel, in words. */
    val description: String by lazy {
        val system = ManagementFactory.getOperatingSystemMXBean() as OperatingSystemMXBean
        val gibibytes = (system.totalMemorySize.toDouble() / (1L shl 30)).roundToLong()
        "${system.availableProcessors} processors (${processor()}), $gibibytes GiB, ${system.name} ${system.version.substringBefore('-')}"
    }

    private fun processor(): String {
        val file = Path.of("/proc/cpuinfo")
        if (!file.exists()) return System.getProperty("os.arch")
        val lines = file.useLines { it.toList() }
        val model = lines.find { it.startsWith("model name") }?.substringAfter(':')?.trim() ?: return System.getProperty("os.arch")
        return model.replace(Regex("\\((R|TM)\\)"), "")
    }
}
