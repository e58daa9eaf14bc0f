// SPDX-License-Identifier: Apache-2.0
package dev.simul.simulation

import dev.simul.simulation.search.choicesOf
import kotlin.random.Random

/**
 * Runs a whole distributed program on virtual time, in the calling thread: [block], on a host named `main`, and all hosts that it adds.
 * Everything random in it follows from the seed.
 *
 * ```
 * simulate(seed = 7, Schedule.CHAOS) {
 *     host("server") { startServer("0.0.0.0", 80, ::serve).serveForever() }
 *     val (reader, writer) = openConnection("server", 80)
 *     writer.write("hello\n".encodeToByteArray())
 *     check(reader.readline().decodeToString() == "hello\n")
 *     writer.close()
 * }
 * ```
 *
 * When [block] ends, so do all hosts, one after the other, as a program by `run` does. A simulation also fails if an error reached a
 * loop's exception handler, unless it is [expected][dev.simul.testing.ReportedErrors], if a host's main failed and nobody joined it, or if a
 * socket is left open.
 *
 * Time passes only when nothing is ready on any host. The work of `toThread` is done by the same thread, at once and at a stroke: it takes
 * no virtual time, and must not wait for the simulation. A child process, a socket of the system's or a pipe is refused.
 *
 * asyncio has no equivalent; the idea is that of FoundationDB's simulation.
 *
 * @param seed decides the run; if null, the environment variable `SIMUL_SEED` or the system property `simul.seed` does, or else it is a new one.
 * @param schedule whether asyncio's order of what is ready at the same time is kept.
 * @return what [block] returns.
 * @throws dev.simul.testing.Deadlock if nothing more can happen, and [block] has not ended. Any failure has a suppressed
 *   [SimulationFailure], which names the seed and has the transcript.
 * @throws IllegalStateException in a running loop.
 * @throws InterruptedException if the calling thread is interrupted; all hosts are then closed without another turn.
 */
public fun <T> simulate(
    seed: Long? = null,
    schedule: Schedule = Schedule.ASYNCIO,
    block: suspend Simulation.() -> T,
): T {
    val chosen = seed?.toString() ?: givenRun() ?: "${Random.nextLong()}"
    val run = SimulationRun(choicesOf(chosen), schedule)
    return run.run(block).getOrElse { throw explained(it, chosen, schedule, run.transcript) }
}

/** The run to replay, by `SIMUL_SEED` or `simul.seed`: a seed, or choices as an [ExplorationFailure] prints them. */
internal fun givenRun(): String? = (System.getProperty("simul.seed") ?: System.getenv("SIMUL_SEED"))?.trim()?.ifEmpty { null }

private fun explained(
    failure: Throwable,
    chosen: String,
    schedule: Schedule,
    transcript: Transcript,
): Throwable {
    val shown = "What happened:\n$transcript".replace("\n", "\n    ")
    val seed = chosen.toLongOrNull()
    val what = if (seed != null) "the seed was $seed" else "the choices were $chosen"
    val report = SimulationFailure(seed, "$what, with Schedule.$schedule: to run it again, set SIMUL_SEED=$chosen. $shown")
    failure.addSuppressed(report)
    if (report in failure.suppressed) return failure
    return AssertionError("the simulation failed: $failure", failure).apply { addSuppressed(report) }
}
