package dev.simul.bodies

import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.ints.shouldBeGreaterThan
import io.kotest.matchers.ints.shouldBeLessThan
import io.kotest.matchers.shouldBe
import kotlin.concurrent.thread

/** An error may strike at the beginning of any method of the loop, while stacks hand it over: at most one task fails. */
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
            var outcome: List<Throwable?>? = null
            val runner =
                thread(isDaemon = true) {
                    @Suppress("UNCHECKED_CAST")
                    outcome = scenario.invoke(null, carrier.name, Runnable { Strike.arm(methods) { error } }) as List<Throwable?>
                }
            runner.join(20_000)
            withClue("$carrier: struck in ${Strike.place} after $methods methods\n${runner.stackTrace.joinToString("\n")}") {
                runner.isAlive shouldBe false
            }
            return outcome!!
        }

        for (carrier in carriersHere) {
            test("an overflow, on ${carrier.name}") {
                var methods = 0
                while (true) {
                    val error = StackOverflowError("injected")
                    val outcome = run(carrier, methods, error)
                    val place = Strike.place ?: break
                    withClue("$carrier: struck in $place after $methods methods: $outcome") {
                        outcome.last() shouldBe null
                        outcome.count { it != null } shouldBeLessThan 2
                        outcome.filterNotNull().forEach { it shouldBe error }
                    }
                    methods += 1
                }
                methods shouldBeGreaterThan 200
            }

            test("exhausted memory, on ${carrier.name}") {
                var methods = 0
                while (true) {
                    val error = OutOfMemoryError("injected")
                    val outcome = run(carrier, methods, error)
                    val place = Strike.place ?: break
                    withClue("$carrier: struck in $place after $methods methods: $outcome") {
                        if (outcome.last() != null) outcome.last() shouldBe error else outcome.filterNotNull().forEach { it shouldBe error }
                    }
                    methods += 3
                }
            }
        }
    })
