// SPDX-License-Identifier: Apache-2.0
package dev.simul.context

import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import io.kotest.matchers.types.shouldBeSameInstanceAs
import kotlin.random.Random

class BindingsTest :
    FunSpec({
        fun Bindings.toMap(): Map<ContextVar<*>, Any?> = Context(this).asMap()

        test("bindings agree with a map through thousands of random changes, and old ones never change") {
            val random = Random(42)
            // Every third serial number, so that several variables want the same slot.
            val variables = List(300) { ContextVar<Int>("variable $it") }.filterIndexed { index, _ -> index % 3 == 0 }
            val model = mutableMapOf<ContextVar<*>, Any?>()
            var bindings = Bindings.Empty
            repeat(5_000) { step ->
                val variable = variables.random(random)
                val before = bindings
                val modelBefore = model.toMap()
                // Growing and shrinking take turns, so that the table is full and empty many times.
                if (random.nextInt(10) < (if (step / 500 % 2 == 0) 7 else 2)) {
                    bindings = bindings.with(variable, step)
                    model[variable] = step
                } else if (variable in model) {
                    bindings = bindings.without(variable)
                    model -= variable
                }
                bindings.size shouldBe model.size
                before.size shouldBe modelBefore.size
                if (step % 50 == 0) {
                    bindings.toMap() shouldBe model
                    before.toMap() shouldBe modelBefore
                    variables.forEach { bindings.find(it) shouldBe if (it in model) model[it] else Missing }
                }
            }
        }

        test("bindings without their last variable are the empty ones") {
            val variable = ContextVar<Int>("variable")
            Bindings.Empty.with(variable, 1).without(variable) shouldBeSameInstanceAs Bindings.Empty
        }

        test("a variable bound to null is not a missing one") {
            val variable = ContextVar<Int?>("variable")
            Bindings.Empty.with(variable, null).find(variable) shouldBe null
            Bindings.Empty.find(variable) shouldBe Missing
        }
    })
