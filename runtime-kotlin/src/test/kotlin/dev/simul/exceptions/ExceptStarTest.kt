// SPDX-License-Identifier: Apache-2.0
package dev.simul.exceptions

import dev.simul.io
import dev.simul.label
import dev.simul.type
import dev.simul.value
import io.kotest.assertions.fail
import io.kotest.assertions.throwables.shouldNotThrowAny
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContain
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.types.shouldBeInstanceOf
import io.kotest.matchers.types.shouldBeSameInstanceAs
import kotlinx.coroutines.yield
import java.io.FileNotFoundException
import java.io.IOException
import kotlin.reflect.KClass

class ExceptStarTest :
    FunSpec({
        context("what a clause gets") {
            test("nothing runs if nothing of its type was thrown, and the exception passes on as it is") {
                val group = ExceptionGroup("group", listOf(value(1), type(2)))
                val (match, rest) = caught(group, IOException::class)
                match shouldBe null
                rest shouldBeSameInstanceAs group
            }

            test("a clause that matches everything gets it all") {
                val (match, rest) =
                    caught(
                        ExceptionGroup("g", listOf(value(1), value(2))),
                        IllegalArgumentException::class,
                    )
                match!!.text shouldBe "g[value 1, value 2]"
                rest shouldBe null
            }

            test("a clause gets what matches, and the rest passes on") {
                val group = ExceptionGroup("g", listOf(value(1), io(2), value(3)))
                val (match, rest) = caught(group, IllegalArgumentException::class)
                match!!.text shouldBe "g[value 1, value 3]"
                rest!!.text shouldBe "g[io 2]"
            }

            test("both parts are nested as the original was") {
                val inner = ExceptionGroup("inner", listOf(io(3), value(4), type(5)))
                val group = ExceptionGroup("g", listOf(value(1), io(2), inner))
                val (match, rest) = caught(group, IllegalArgumentException::class)
                match!!.text shouldBe "g[value 1, inner[value 4]]"
                rest!!.text shouldBe "g[io 2, inner[io 3, type 5]]"
            }

            test("a clause may be for several types") {
                val inner = ExceptionGroup("inner", listOf(io(3), value(4), type(5)))
                val group = ExceptionGroup("g", listOf(value(1), io(2), inner))
                val (match, rest) = caught(group, IllegalArgumentException::class, ClassCastException::class)
                match!!.text shouldBe "g[value 1, inner[value 4, type 5]]"
                rest!!.text shouldBe "g[io 2, inner[io 3]]"
                var either = ""
                exceptStar({ throw ExceptionGroup("g", listOf(value(1), type(2))) }) {
                    on<IllegalArgumentException, ClassCastException> { either = it.text }
                }
                either shouldBe "g[value 1, type 2]"
            }

            test("groups that became empty are left out") {
                val group =
                    ExceptionGroup(
                        "g",
                        listOf(
                            ExceptionGroup("a", listOf(value(1))),
                            ExceptionGroup("b", listOf(value(2), type(3))),
                            ExceptionGroup("c", listOf(type(4))),
                        ),
                    )
                val (match, rest) = caught(group, ClassCastException::class)
                match!!.text shouldBe "g[b[type 3], c[type 4]]"
                rest!!.text shouldBe "g[a[value 1], b[value 2]]"
            }

            test("groups of one member are kept") {
                val one = ExceptionGroup("c", listOf(value(1)))
                val other = ExceptionGroup("d", listOf(type(2)))
                val group = ExceptionGroup("a", listOf(ExceptionGroup("b", listOf(one, other))))
                val (match, rest) = caught(group, ClassCastException::class)
                match!!.text shouldBe "a[b[d[type 2]]]"
                rest!!.text shouldBe "a[b[c[value 1]]]"
            }

            test("an exception that was thrown alone is wrapped, by its own type or a parent") {
                for (type in listOf(IllegalArgumentException::class, Exception::class)) {
                    val thrown = value(1)
                    val (match, rest) = caught(thrown, type)
                    match!!.text shouldBe "[value 1]"
                    match::class shouldBe ExceptionGroup::class
                    match.exceptions.single() shouldBeSameInstanceAs thrown
                    rest shouldBe null
                }
            }

            test("a group is not wrapped again") {
                val group = ExceptionGroup("g", listOf(value(1)))
                caught(group, Exception::class).first shouldBeSameInstanceAs group
            }

            test("an exception that was thrown alone and does not match passes on as it is") {
                val thrown = value(1)
                caught(thrown, ClassCastException::class) shouldBe (null to thrown)
            }

            test("a parent type matches") {
                val group = ExceptionGroup("g", listOf(FileNotFoundException("1"), type(2)))
                val (match, rest) = caught(group, IOException::class)
                match!!.text shouldBe "g[io 1]"
                rest!!.text shouldBe "g[type 2]"
            }

            test("a cancellation is handled by a clause for it and by no clause for failures") {
                val cancellation = CancelledException("stop")
                caught(cancellation, RuntimeException::class, AssertionError::class).first!!::class shouldBe
                    BaseExceptionGroup::class
                caught(cancellation, IOException::class).second shouldBeSameInstanceAs cancellation
                val group = BaseExceptionGroup.of("g", listOf(value(1), cancellation))
                val (match, rest) = caught(group, CancelledException::class)
                match!!.text shouldBe "g[CancelledException stop]"
                rest!!.text shouldBe "g[value 1]"
                rest::class shouldBe ExceptionGroup::class
            }
        }

        context("several clauses") {
            test("each sees only what the ones before it left") {
                val seen = mutableListOf<String>()
                exceptStar({ throw ExceptionGroup("g", listOf(io(1), FileNotFoundException("2"))) }) {
                    on<FileNotFoundException> { seen += "file ${it.text}" }
                    on<IOException> { seen += "any ${it.text}" }
                }
                seen shouldContainExactly listOf("file g[io 2]", "any g[io 1]")
            }

            test("the first that matches wins") {
                val seen = mutableListOf<String>()
                exceptStar({ throw ExceptionGroup("g", listOf(FileNotFoundException("1"))) }) {
                    on<IOException> { seen += it.text }
                    on<FileNotFoundException> { fail("handled before") }
                }
                seen shouldContainExactly listOf("g[io 1]")
            }

            test("they nest, in handlers and in loops") {
                val seen = mutableListOf<String>()
                for (round in 1..2) {
                    exceptStar({ throw ExceptionGroup("outer", listOf(io(round))) }) {
                        on<IOException> { outer ->
                            exceptStar({ throw ExceptionGroup("inner", listOf(value(round))) }) {
                                on<IllegalArgumentException> { inner -> seen += inner.text }
                            }
                            seen += outer.text
                        }
                    }
                }
                seen shouldContainExactly listOf("inner[value 1]", "outer[io 1]", "inner[value 2]", "outer[io 2]")
            }

            test("none runs if nothing was thrown, and the result of the body is returned") {
                val result = exceptStar({ "result" }) { on<Throwable> { fail("nothing was thrown") } }
                result shouldBe "result"
            }

            test("null is returned if everything was handled") {
                val result = exceptStar({ throw value(1) }) { on<IllegalArgumentException> { } }
                result shouldBe null
            }
        }

        context("throwing a group again") {
            val body = { throw ExceptionGroup("g", listOf(type(1), value(2), io(3))) }

            test("if all of it is thrown again or not handled, it is as it was") {
                val thrown =
                    shouldThrow<ExceptionGroup> {
                        exceptStar(body) {
                            on<ClassCastException> { throw it }
                            on<IllegalArgumentException> { throw it }
                        }
                    }
                thrown.text shouldBe "g[type 1, value 2, io 3]"
            }

            test("what was handled is missing, and the rest is merged as it was nested") {
                val some =
                    shouldThrow<ExceptionGroup> {
                        exceptStar(body) {
                            on<ClassCastException> { throw it }
                            on<IllegalArgumentException> { }
                        }
                    }
                some.text shouldBe "g[type 1, io 3]"
                val inner = ExceptionGroup("inner", listOf(type(2), value(3), io(4)))
                val nested =
                    shouldThrow<ExceptionGroup> {
                        exceptStar({ throw ExceptionGroup("g", listOf(inner, value(5), type(6))) }) {
                            on<ClassCastException> { throw it }
                            on<IllegalArgumentException> { }
                        }
                    }
                nested.text shouldBe "g[inner[type 2, io 4], type 6]"
            }

            test("only what is thrown again is left if the other clauses handle the rest") {
                val thrown =
                    shouldThrow<ExceptionGroup> {
                        exceptStar({ throw ExceptionGroup("g", listOf(type(1), value(2))) }) {
                            on<ClassCastException> { throw it }
                            on<IllegalArgumentException> { }
                        }
                    }
                thrown.text shouldBe "g[type 1]"
            }

            test("an exception that came alone leaves in the group it was wrapped in") {
                val thrown =
                    shouldThrow<ExceptionGroup> {
                        exceptStar({ throw value(42) }) { on<IllegalArgumentException> { throw it } }
                    }
                thrown.text shouldBe "[value 42]"
            }

            test("a group that is thrown again is not its own context") {
                val thrown =
                    shouldThrow<ExceptionGroup> { exceptStar(body) { on<ClassCastException> { throw it } } }
                thrown.suppressedBesides.shouldBeEmpty()
                thrown.cause shouldBe null
            }
        }

        context("throwing something new") {
            test("it becomes the sibling of what was not handled") {
                val original = ExceptionGroup("g", listOf(value(1), io(2)))
                val thrown =
                    shouldThrow<ExceptionGroup> {
                        exceptStar({ throw original }) { on<IOException> { throw type(3) } }
                    }
                thrown.text shouldBe "[type 3, g[value 1]]"
                thrown.exceptions[1].stackTrace.toList() shouldBe original.stackTrace.toList()
            }

            test("it is thrown as it is if everything else was handled") {
                val thrown =
                    shouldThrow<ClassCastException> {
                        exceptStar({ throw ExceptionGroup("g", listOf(value(1), io(2))) }) {
                            on(IllegalArgumentException::class, IOException::class) { throw type(3) }
                        }
                    }
                thrown.label shouldBe "type 3"
            }

            test("two of them become a group without a message") {
                val thrown =
                    shouldThrow<ExceptionGroup> {
                        exceptStar({ throw ExceptionGroup("g", listOf(value(1), io(2))) }) {
                            on<IllegalArgumentException> { throw type(3) }
                            on<IOException> { throw type(4) }
                        }
                    }
                thrown.text shouldBe "[type 3, type 4]"
            }

            test("it stands before what is thrown again") {
                val thrown =
                    shouldThrow<ExceptionGroup> {
                        exceptStar({ throw ExceptionGroup("g", listOf(value(1), io(2), type(3))) }) {
                            on<IllegalArgumentException> { throw it }
                            on<IOException> { throw type(4) }
                        }
                    }
                thrown.text shouldBe "[type 4, g[value 1, type 3]]"
            }

            test("a group made by the handler is new, whatever it holds") {
                val thrown =
                    shouldThrow<ExceptionGroup> {
                        exceptStar({ throw ExceptionGroup("g", listOf(value(1), io(2))) }) {
                            on<IOException> { throw ExceptionGroup("own", it.exceptions) }
                        }
                    }
                thrown.text shouldBe "[own[io 2], g[value 1]]"
            }

            test("a fatal error makes the group one that is not ordinary") {
                val thrown =
                    shouldThrow<BaseExceptionGroup> {
                        exceptStar({ throw ExceptionGroup("g", listOf(value(1), io(2))) }) {
                            on<IOException> { throw KeyboardInterrupt("stop") }
                        }
                    }
                thrown.text shouldBe "[KeyboardInterrupt stop, g[value 1]]"
                thrown::class shouldBe BaseExceptionGroup::class
            }

            test("it remembers the group that was being handled") {
                val original = ExceptionGroup("g", listOf(value(1), io(2)))
                val thrown =
                    shouldThrow<ExceptionGroup> {
                        exceptStar({ throw original }) {
                            on<IllegalArgumentException> { throw type(3) }
                            on<IOException> { throw type(4) }
                        }
                    }
                val contexts = thrown.exceptions.map { it.suppressed.single() as BaseExceptionGroup }
                contexts.map { it.text } shouldContainExactly listOf("g[value 1]", "g[io 2]")
                contexts.forEach { it.stackTrace.toList() shouldBe original.stackTrace.toList() }
            }

            test("a cause that is that group is not repeated") {
                val thrown =
                    shouldThrow<IllegalStateException> {
                        exceptStar({ throw ExceptionGroup("g", listOf(value(1))) }) {
                            on<IllegalArgumentException> { throw IllegalStateException("wrapped", it) }
                        }
                    }
                (thrown.cause as BaseExceptionGroup).text shouldBe "g[value 1]"
                thrown.suppressed.toList().shouldBeEmpty()
            }

            test("a member that is thrown alone gets no group around itself") {
                val member = io(1)
                val thrown =
                    shouldThrow<IOException> {
                        exceptStar({ throw ExceptionGroup("g", listOf(member)) }) {
                            on<IOException> { throw it.exceptions.single() }
                        }
                    }
                thrown shouldBeSameInstanceAs member
                thrown.suppressed.toList().shouldBeEmpty()
            }
        }

        context("subclasses of groups") {
            class Coded(
                message: String,
                exceptions: List<Throwable>,
                val code: Int,
            ) : ExceptionGroup(message, exceptions) {
                override fun derive(exceptions: List<Throwable>) = Coded(message, exceptions, code)
            }

            test("their parts are of the class that derive makes") {
                val group = Coded("g", listOf(value(1), Coded("nested", listOf(type(2)), 101)), 42)
                val (match, rest) = caught(group, IllegalArgumentException::class)
                match.shouldBeInstanceOf<Coded>().code shouldBe 42
                rest.shouldBeInstanceOf<Coded>().code shouldBe 42
                rest.exceptions
                    .single()
                    .shouldBeInstanceOf<Coded>()
                    .code shouldBe 101
            }

            test("so is what is merged again") {
                val thrown =
                    shouldThrow<Coded> {
                        exceptStar({ throw Coded("g", listOf(type(1), value(2)), 7) }) {
                            on<ClassCastException> { throw it }
                            on<IllegalArgumentException> { it.shouldBeInstanceOf<Coded>() }
                        }
                    }
                thrown.text shouldBe "g[type 1]"
                thrown.code shouldBe 7
            }

            test("a split that fails is reported in place of the group") {
                class Unsplittable : ExceptionGroup("g", listOf(value(1), io(2))) {
                    override fun split(condition: (Throwable) -> Boolean): ExceptionGroupSplit = throw type(3)
                }
                shouldThrow<ClassCastException> {
                    exceptStar({ throw Unsplittable() }) { on<IOException> { fail("not split") } }
                }
            }
        }

        context("the rules of use") {
            test("a clause for a type of groups is refused") {
                shouldThrow<IllegalArgumentException> {
                    exceptStar({ throw io(1) }) { on<ExceptionGroup> { } }
                }.message shouldContain "on<ExceptionGroup> is not allowed"
                shouldThrow<IllegalArgumentException> {
                    exceptStar({ throw io(1) }) { on(IOException::class, BaseExceptionGroup::class) { } }
                }
            }

            test("a handler must not be left by a jump") {
                fun returning(): String? {
                    exceptStar({ throw io(1) }) { on<IOException> { return "jumped" } }
                    return null
                }
                shouldThrow<IllegalStateException> { returning() }.message shouldContain "return, break or continue"
            }

            test("jumps within a handler are its own business") {
                val seen = mutableListOf<Int>()
                exceptStar({ throw io(1) }) {
                    on<IOException> {
                        for (number in 0..4) {
                            if (number == 0) continue
                            if (number == 3) break
                            seen += number
                        }
                    }
                }
                seen shouldContainExactly listOf(1, 2)
            }

            test("the body may be left by a jump") {
                fun returning(): String {
                    exceptStar({ return "jumped" }) { on<Throwable> { fail("nothing was thrown") } }
                    return "not jumped"
                }
                shouldNotThrowAny { returning() } shouldBe "jumped"
            }

            test("body and handlers may suspend") {
                val seen = mutableListOf<String>()
                val thrown =
                    shouldThrow<ClassCastException> {
                        exceptStar({
                            yield()
                            throw ExceptionGroup("g", listOf(value(1), io(2)))
                        }) {
                            on<IllegalArgumentException> {
                                yield()
                                seen += it.text
                            }
                            on<IOException> {
                                yield()
                                throw type(3)
                            }
                        }
                    }
                seen shouldContain "g[value 1]"
                thrown.label shouldBe "type 3"
            }
        }
    })

/** What a clause for [types] gets when [thrown] is thrown, and what passes on. */
private fun caught(
    thrown: Throwable,
    vararg types: KClass<out Throwable>,
): Pair<BaseExceptionGroup?, Throwable?> {
    var match: BaseExceptionGroup? = null
    val rest = runCatching { exceptStar({ throw thrown }) { on(*types) { match = it } } }.exceptionOrNull()
    return match to rest
}

/** A group as `message[members]`, another exception as its label. */
private val Throwable.text: String
    get() =
        if (this is BaseExceptionGroup) {
            exceptions.joinToString(prefix = "$message[", postfix = "]") {
                it.text
            }
        } else {
            label
        }
