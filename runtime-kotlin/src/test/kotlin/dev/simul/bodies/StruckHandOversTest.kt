// SPDX-License-Identifier: Apache-2.0
package dev.simul.bodies

import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.ints.shouldBeGreaterThan
import io.kotest.matchers.ints.shouldBeLessThan
import io.kotest.matchers.shouldBe
import io.kotest.matchers.types.shouldBeSameInstanceAs
import kotlin.concurrent.thread

/**
 * An error may strike at the beginning of any method of the loop, while stacks hand it over: at most one task fails.
 *
 * The scenario enters more than four thousand methods. It is struck in every eleventh of them, which are others in each run, since
 * the order of threads and timers is never quite the same.
 */
class StruckHandOversTest :
    FunSpec({
        val scenario =
            StrikingClassLoader()
                .loadClass(HandOverScenario::class.java.name)
                .getMethod("run", String::class.java, Runnable::class.java)

        fun run(
            carrier: Carrier,
            methods: Int,
            error: Throwable,
        ): List<Throwable?> {
            var outcome: Result<Any?>? = null
            val runner =
                thread(isDaemon = true) {
                    outcome = runCatching { scenario.invoke(null, carrier.name, Runnable { Strike.arm(methods) { error } }) }
                }
            runner.join(20_000)
            withClue({ "hangs, with its threads at\n${stacksOf(runner)}" }) { runner.isAlive shouldBe false }
            @Suppress("UNCHECKED_CAST")
            return outcome!!.getOrThrow() as List<Throwable?>
        }

        /** Strikes every eleventh method with an error of its own, until there are no more, and [check]s what comes of it. */
        fun strikeAll(
            carrier: Carrier,
            newError: () -> Throwable,
            check: (error: Throwable, ofTasks: List<Throwable>, ofLoop: Throwable?) -> Unit,
        ) {
            var methods = 0
            while (true) {
                val error = newError().apply { stackTrace = emptyArray() } // Threads that die of it say so.
                Strike.forget()
                withClue({ "$carrier: struck in ${Strike.place} after $methods methods" }) {
                    val outcome = run(carrier, methods, error)
                    withClue({ "$outcome" }) { check(error, outcome.dropLast(1).filterNotNull(), outcome.last()) }
                }
                if (Strike.place == null) break
                methods += EVERY
            }
            methods shouldBeGreaterThan 2_000
        }

        for (carrier in carriersHere) {
            test("an overflow, on ${carrier.name}") {
                strikeAll(carrier, { StackOverflowError("injected") }) { error, ofTasks, ofLoop ->
                    ofLoop shouldBe null
                    ofTasks.size shouldBeLessThan 2
                    ofTasks.forEach { it shouldBeSameInstanceAs error }
                }
            }

            test("exhausted memory, on ${carrier.name}") {
                strikeAll(carrier, { OutOfMemoryError("injected") }) { error, ofTasks, ofLoop ->
                    if (ofLoop != null) ofLoop shouldBeSameInstanceAs error
                    ofTasks.forEach { it shouldBeSameInstanceAs error }
                }
            }
        }
    })

private const val EVERY = 11

/** Where [runner] is, and the threads of bodies. */
private fun stacksOf(runner: Thread): String =
    Thread
        .getAllStackTraces()
        .filter { (thread, _) -> thread === runner || thread.name.startsWith("simul-body") }
        .map { (thread, trace) -> "$thread\n${trace.joinToString("\n")}" }
        .joinToString("\n\n")
