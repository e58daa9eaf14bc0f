// SPDX-License-Identifier: Apache-2.0
package dev.simul.generators

import dev.simul.exceptions.BaseExceptionGroup
import dev.simul.exceptions.CancelledException
import dev.simul.exceptions.ExceptionGroup
import dev.simul.io
import dev.simul.shape
import dev.simul.type
import dev.simul.value
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.assertions.throwables.shouldThrowAny
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import io.kotest.matchers.types.shouldBeInstanceOf
import io.kotest.matchers.types.shouldBeSameInstanceAs
import java.io.FileNotFoundException
import java.io.IOException

class SuppressTest :
    FunSpec({
        test("without an exception it does nothing") {
            suppress(IOException::class).use { 5 } shouldBe 5
            suppress().use { 5 } shouldBe 5
        }

        test("exceptions of its types end, of subtypes too") {
            suppress(IOException::class).use { throw io(1) } shouldBe null
            suppress(IOException::class).use { throw FileNotFoundException() } shouldBe null
            suppress(ArithmeticException::class, IOException::class).use { throw io(1) } shouldBe null
        }

        test("others go on") {
            shouldThrow<IllegalArgumentException> { suppress(IOException::class).use { throw value(1) } }
            shouldThrow<IOException> { suppress().use { throw io(1) } }
            shouldThrow<CancelledException> { suppress(IOException::class).use { throw CancelledException() } }
        }

        test("it may be used again, and within itself") {
            val ignoring = suppress(IOException::class)
            val reached = mutableListOf<Int>()
            ignoring.use {
                ignoring.use { throw io(1) }
                reached += 1
                ignoring.use { throw io(2) }
                reached += 2
                throw io(3)
            }
            reached shouldContainExactly listOf(1, 2)
        }

        test("a group that holds nothing else ends") {
            suppress(IOException::class).use { throw ExceptionGroup("group", listOf(io(1), io(2))) } shouldBe null
            suppress(IOException::class).use {
                throw ExceptionGroup("outer", listOf(io(1), ExceptionGroup("inner", listOf(io(2)))))
            } shouldBe null
        }

        test("they are taken out of a group, and the rest of it is thrown") {
            val group =
                ExceptionGroup("outer", listOf(io(1), value(2), ExceptionGroup("inner", listOf(io(3), type(4)))))
            val rest = shouldThrow<ExceptionGroup> { suppress(IOException::class).use { throw group } }
            rest.shape shouldBe listOf("value 2", listOf("type 4"))
            rest.message shouldBe "outer"
            rest.suppressed.toList() shouldContainExactly rest.exceptions + group
        }

        test("a group without any of them goes on as it is") {
            val group = ExceptionGroup("group", listOf(value(1)))
            shouldThrow<ExceptionGroup> {
                suppress(
                    IOException::class,
                ).use { throw group }
            } shouldBeSameInstanceAs group
        }

        test("a cancellation in a group is not suppressed by a type of ordinary exceptions") {
            val rest =
                shouldThrowAny {
                    suppress(
                        IOException::class,
                    ).use { throw BaseExceptionGroup.of("group", listOf(io(1), CancelledException("mine"))) }
                }
            rest.shouldBeInstanceOf<BaseExceptionGroup>().exceptions.single().shouldBeInstanceOf<CancelledException>()
        }

        test("a type that all groups happen to have does not suppress what is in them") {
            shouldThrow<ExceptionGroup> {
                suppress(
                    RuntimeException::class,
                ).use { throw ExceptionGroup("group", listOf(io(1))) }
            }
            suppress(RuntimeException::class).use { throw ExceptionGroup("group", listOf(value(1))) } shouldBe null
        }

        test("groups of a given type end as a whole") {
            suppress(ExceptionGroup::class).use { throw ExceptionGroup("group", listOf(io(1), value(2))) } shouldBe null
        }
    })
