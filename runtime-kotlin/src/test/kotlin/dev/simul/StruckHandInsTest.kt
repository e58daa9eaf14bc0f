// SPDX-License-Identifier: Apache-2.0
package dev.simul

import dev.simul.bodies.Strike
import dev.simul.bodies.StrikingClassLoader
import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.ints.shouldBeGreaterThan
import io.kotest.matchers.shouldBe
import io.kotest.matchers.types.shouldBeSameInstanceAs
import kotlin.concurrent.thread

/** An error may strike at the beginning of any method by which other threads hand something in: whoever waits for it is told. */
class StruckHandInsTest :
    FunSpec({
        val scenario =
            StrikingClassLoader(HANDING_IN).loadClass(HandInScenario::class.java.name).getMethod("run", Runnable::class.java)

        fun run(
            methods: Int,
            error: Throwable,
        ): List<Throwable?> {
            var outcome: Result<Any?>? = null
            val runner =
                thread(isDaemon = true) {
                    outcome =
                        runCatching {
                            scenario.invoke(
                                null,
                                Runnable { Strike.arm(methods, besides = Thread.currentThread()) { error } },
                            )
                        }
                }
            runner.join(30_000)
            withClue("hangs, at\n${runner.stackTrace.joinToString("\n")}") { runner.isAlive shouldBe false }
            @Suppress("UNCHECKED_CAST")
            return outcome!!.getOrThrow() as List<Throwable?>
        }

        for ((name, newError) in listOf(
            "an overflow" to {
                StackOverflowError("injected")
            },
            "exhausted memory" to { OutOfMemoryError("injected") },
        )) {
            test(name) {
                var methods = 0
                while (true) {
                    val error = newError().apply { stackTrace = emptyArray() } // Threads that die of it say so.
                    Strike.forget()
                    val outcome = run(methods, error)
                    withClue("struck in ${Strike.place} after $methods methods") {
                        outcome.dropLast(1) shouldBe emptyList()
                        outcome.last()?.shouldBeSameInstanceAs(error)
                    }
                    if (Strike.place == null) break
                    methods++
                }
                methods shouldBeGreaterThan 20
            }
        }
    })

private val HANDING_IN =
    listOf(
        "dev.simul.loop.",
        "dev.simul.ExecutorCall",
        "dev.simul.ExecutorEnd",
        "dev.simul.loop.News",
        "dev.simul.WrappedFuture",
        "dev.simul.io.Blocking",
        "dev.simul.process.ExitWatch",
    )
