// SPDX-License-Identifier: Apache-2.0
package dev.simul.simulation.replay

import dev.simul.simulation.Schedule
import java.nio.file.Path
import kotlin.system.exitProcess

/** The other JVM's side of `replayCheck`: runs a program and writes its steps to a file. */
internal object ReplayChild {
    @JvmStatic
    fun main(arguments: Array<String>) {
        val (first, end, schedule, file) = arguments
        endWithParent()
        try {
            val source = ProgramSource.of(arguments.drop(4))
            disturbIdentityHashCodes()
            recordSteps(source, first.toLong()..<end.toLong(), Schedule.valueOf(schedule), Path.of(file))
        } catch (e: Throwable) {
            e.printStackTrace()
            exitProcess(1)
        }
        // The program may have left threads.
        exitProcess(0)
    }

    /** The first identity hash codes of a thread may be the same in JVMs that are alike. */
    private fun disturbIdentityHashCodes() = repeat(FEW + (ProcessHandle.current().pid() % MANY).toInt()) { System.identityHashCode(Any()) }

    private const val FEW = 100
    private const val MANY = 1_000
}
