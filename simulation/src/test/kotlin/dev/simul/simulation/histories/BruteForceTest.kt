// SPDX-License-Identifier: Apache-2.0
package dev.simul.simulation.histories

import dev.simul.house.Soak
import dev.simul.simulation.histories.QueueCall.Dequeue
import dev.simul.simulation.histories.QueueCall.Enqueue
import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.ints.shouldBeGreaterThan
import io.kotest.matchers.shouldBe
import kotlin.random.Random

/** Each verdict on small random histories is what the definition says, and each explanation holds. */
class BruteForceTest :
    FunSpec({
        fun <S, Op, R> compare(
            model: Model<S, Op, R>,
            histories: Sequence<History<Op, R>>,
        ) {
            val verdicts =
                histories.map { history ->
                    withClue(history) {
                        val isLinearizable = isLinearizableByBruteForce(model, history.calls)
                        val verdict = history.check(model)
                        (verdict == Verdict.Linearizable) shouldBe isLinearizable
                        if (verdict is Verdict.NotLinearizable) checkExplanation(model, history, verdict)
                        isLinearizable
                    }
                }
            val (linearizable, others) = verdicts.partition { it }
            linearizable.size shouldBeGreaterThan CASES / 10
            others.size shouldBeGreaterThan CASES / 10
        }

        test("a register with compare-and-set") {
            val random = Random(1)

            fun result(operation: Access): Any? =
                when (operation) {
                    is Access.Read -> random.nextInt(3)
                    is Access.Write -> Unit
                    is Access.Cas -> random.nextBoolean()
                }
            compare(
                OneRegister,
                generateSequence { arbitraryHistory(random, 1 + random.nextInt(6), 0.2, { randomAccess(random) }, ::result) }.take(CASES),
            )
        }

        test("a queue") {
            val random = Random(2)
            val items = listOf("x", "y")

            fun operation() = if (random.nextBoolean()) Dequeue else Enqueue(items.random(random))

            fun result(operation: QueueCall): Any? = if (operation is Enqueue) Unit else (items + null).random(random)
            compare(Fifo, generateSequence { arbitraryHistory(random, 1 + random.nextInt(6), 0.2, ::operation, ::result) }.take(CASES))
        }

        test("a correct object of which one result is wrong") {
            val random = Random(3)

            fun history(): History<Access, Any?> {
                val correct = correctHistory(random, OneRegister, 6, 3, cutOff = 0.1) { randomAccess(random) }
                val wrong = random.nextInt(8)
                return History<Access, Any?>().also { copy ->
                    val copies = HashMap<Call<*, *>, Call<Access, Any?>>()
                    for ((call, isBegin) in events(correct.calls)) {
                        if (isBegin) {
                            copies[call] = copy.begin(call.process, call.operation)
                        } else {
                            copies.getValue(call).returned(call.result.let { if (it is Int && call.begin == wrong) it + 1 else it })
                        }
                    }
                }
            }
            compareAtLeast(generateSequence { history() }.take(CASES).toList())
        }
    })

private val CASES = Soak.of(30_000)

private fun compareAtLeast(histories: List<History<Access, Any?>>) {
    val wrong = histories.count { !isLinearizableByBruteForce(OneRegister, it.calls) }
    histories.count { it.check(OneRegister) != Verdict.Linearizable } shouldBe wrong
    wrong shouldBeGreaterThan CASES / 50
}

/** The beginnings and ends of [calls], in order. */
private fun <Op, R> events(calls: List<Call<Op, R>>): List<Pair<Call<Op, R>, Boolean>> =
    (calls.map { Triple(it.begin, it, true) } + calls.filterNot { it.isPending }.map { Triple(it.end!!, it, false) })
        .sortedBy { it.first }
        .map { it.second to it.third }

/** The order is legal, has all that ended before the misfit, and not the misfit. */
private fun <S, Op, R> checkExplanation(
    model: Model<S, Op, R>,
    history: History<Op, R>,
    verdict: Verdict.NotLinearizable,
) {
    val order = verdict.order.map { placed -> history.calls.first { it === placed } }
    isLegal(model, order) shouldBe true
    val before = history.calls.filter { call -> call.end.let { it != null && it < verdict.misfit.end!! } }
    order.containsAll(before) shouldBe true
    (verdict.misfit in order) shouldBe false
}
