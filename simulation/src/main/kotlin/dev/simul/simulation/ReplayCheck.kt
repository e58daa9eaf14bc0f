// SPDX-License-Identifier: Apache-2.0
package dev.simul.simulation

import dev.simul.simulation.replay.OwnPrograms
import dev.simul.simulation.replay.ProgramSource
import dev.simul.simulation.replay.checkReplay

/** As the other [replayCheck], for the program [P]. */
public inline fun <reified P : SimulatedProgram> replayCheck(
    seed: Long = 1,
    schedule: Schedule = Schedule.ASYNCIO,
    seeds: Int = 1,
): Unit = replayCheck(P::class.java, seed, schedule, seeds)

/**
 * Runs [program] with [seed] twice, here and in a fresh JVM, and compares each step: every turn of a task and every callback, with its time
 * and its host, what is logged and what the network does. A program that depends on its simulation alone makes the same steps.
 *
 * The other JVM is a child process with this one's `java.home`, class path, module path and options, but without properties that were set
 * later. It is killed if the calling thread is interrupted, and ends if this process does. The program may fail, if it does so both times.
 *
 * asyncio has no equivalent.
 *
 * @param seeds how many seeds to run, of which [seed] is the first; one fresh JVM runs them all.
 * @throws AssertionError if the runs differ; the message names the first step that does, and what differs.
 * @throws IllegalStateException in a running loop.
 * @throws IllegalArgumentException if [seeds] is not positive, or [program] has no constructor without parameters that can be called.
 */
@JvmOverloads
public fun replayCheck(
    program: Class<out SimulatedProgram>,
    seed: Long = 1,
    schedule: Schedule = Schedule.ASYNCIO,
    seeds: Int = 1,
): Unit = checkReplay(ProgramSource(program, OwnPrograms::class.java), seed, schedule, seeds)
