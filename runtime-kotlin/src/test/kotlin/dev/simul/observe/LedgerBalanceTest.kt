// SPDX-License-Identifier: Apache-2.0
package dev.simul.observe

import dev.simul.Asker
import dev.simul.CancelRequest
import dev.simul.CancelRequest.Outcome
import dev.simul.Task
import dev.simul.conformance.Corpus
import dev.simul.conformance.Machine
import dev.simul.conformance.Program
import dev.simul.conformance.RandomPrograms
import dev.simul.conformance.readProgram
import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.comparables.shouldBeGreaterThan
import io.kotest.matchers.shouldBe
import kotlin.random.Random
import kotlin.time.Duration.Companion.minutes

/** The programs of the conformance tests, and random ones. */
private const val PROGRAMS = 10_000

class LedgerBalanceTest :
    FunSpec({
        val bundled = Corpus.entries.asSequence().flatMap { it.programs() }.map { readProgram(it) }
        val random = RandomPrograms(Random(16))
        val programs: Sequence<Program> = bundled + generateSequence { random.next() }

        test("over random programs, every request to cancel is in the ledger once, with what became of it").config(
            blockingTest = true,
            timeout = 5.minutes,
        ) {
            val outcomes = HashMap<Outcome, Int>()
            val errors = ArrayList<String>()
            var requests = 0
            var exact = 0
            for ((index, program) in programs.take(PROGRAMS).withIndex()) {
                val machine = Machine(program)
                val trace = machine.run()
                for (task in machine.created) {
                    val ledger = task.requests()
                    requests += task.step.lastCancelRequest?.count ?: 0
                    ledger.forEach { outcomes.merge(it.outcome, 1, Int::plus) }
                    task.imbalance(ledger)?.let { errors += "program $index, ${task.name}: $it\n${cancellationLedger(task)}" }
                    val asked = task.timesAskedIn(trace) ?: continue
                    if (ledger.size < (task.step.lastCancelRequest?.count ?: 0)) continue
                    exact += asked
                    val byTasks = ledger.count { it.by == Asker.TASK || it.by == Asker.ITSELF }
                    if (byTasks != asked) errors += "program $index, ${task.name}: asked $asked times\n${cancellationLedger(task)}"
                }
            }
            println("$requests requests to cancel, $exact of them counted in the traces: $outcomes")
            withClue("${errors.size} errors, among them\n${errors.take(5).joinToString("\n")}") { errors.shouldBeEmpty() }
            outcomes.keys shouldBe Outcome.entries.toSet()
            exact shouldBeGreaterThan PROGRAMS / 2
        }
    })

private fun Task<*>.requests(): List<CancelRequest> = generateSequence(step.lastCancelRequest) { it.previous }.toList()

/** What is wrong with the ledger of this task, whose program has ended. */
private fun Task<*>.imbalance(ledger: List<CancelRequest>): String? {
    val count = step.lastCancelRequest?.count ?: 0
    val isWhole = ledger.size == count
    return when {
        isWhole && cancelling() != count - ledger.count { it.isTakenBack } -> "${cancelling()} requests are in effect"
        done() && ledger.any { it.outcome == Outcome.PENDING } -> "a request is pending although the task has ended"
        ledger.any { it.outcome == Outcome.WITHDRAWN && !it.isTakenBack } -> "a request was withdrawn that nobody took back"
        !done() && ledger.any { it.isAnswered && it.nextWait == null } -> "a request was delivered, and the task neither ended nor awaits"
        else -> null
    }
}

private val CancelRequest.isAnswered: Boolean get() = outcome == Outcome.DELIVERED || outcome == Outcome.ABSORBED

/** How often its program has cancelled this task, by the trace; null if it has also cancelled what may pass that on. */
private fun Task<*>.timesAskedIn(trace: List<String>): Int? {
    if (trace.any { " cancel F" in it }) return null
    return trace.count { it.endsWith(" cancel $name=True") }
}
