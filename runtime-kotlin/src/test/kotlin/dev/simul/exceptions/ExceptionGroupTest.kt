// SPDX-License-Identifier: Apache-2.0
package dev.simul.exceptions

import dev.simul.io
import dev.simul.label
import dev.simul.shape
import dev.simul.type
import dev.simul.value
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import io.kotest.matchers.shouldNotBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.types.shouldBeSameInstanceAs
import io.kotest.matchers.types.shouldNotBeSameInstanceAs
import java.io.FileNotFoundException
import java.io.IOException

class ExceptionGroupTest :
    FunSpec({
        context("making groups") {
            test("a group has a message and members in order") {
                val members = listOf(value(1), type(2))
                val group = ExceptionGroup("flat", members)
                group.message shouldBe "flat"
                group.exceptions shouldContainExactly members
                group.cause shouldBe null
            }

            test("a group keeps its members when the list it was made of changes") {
                val members = mutableListOf<Throwable>(value(1), type(2))
                val group = ExceptionGroup("group", members)
                members.clear()
                group.exceptions.size shouldBe 2
                @Suppress("UNCHECKED_CAST")
                shouldThrow<UnsupportedOperationException> { (group.exceptions as MutableList<Throwable>).clear() }
            }

            test("an empty group is refused") {
                shouldThrow<IllegalArgumentException> { ExceptionGroup("nothing", emptyList()) }
                    .message shouldContain "'nothing' needs at least one exception"
                shouldThrow<IllegalArgumentException> { BaseExceptionGroup.of("nothing", emptyList()) }
            }

            test("of makes an ExceptionGroup of ordinary failures, and a BaseExceptionGroup of anything else") {
                BaseExceptionGroup.of("group", listOf(value(1), type(2)))::class shouldBe ExceptionGroup::class
                for (other in listOf(KeyboardInterrupt(), CancelledException(), GeneratorExit())) {
                    BaseExceptionGroup.of("group", listOf(value(1), other))::class shouldBe BaseExceptionGroup::class
                }
            }

            test("of looks into groups by their kind") {
                val ordinary = BaseExceptionGroup.of("inner", listOf(value(1)))
                val fatal = BaseExceptionGroup.of("inner", listOf(KeyboardInterrupt()))
                BaseExceptionGroup.of("outer", listOf(ordinary))::class shouldBe ExceptionGroup::class
                BaseExceptionGroup.of("outer", listOf(ordinary, fatal))::class shouldBe BaseExceptionGroup::class
            }

            test("an ExceptionGroup and its subclasses refuse what is not ordinary") {
                for (other in listOf(KeyboardInterrupt("stop"), CancelledException("stop"))) {
                    shouldThrow<IllegalArgumentException> { ExceptionGroup("group", listOf(value(1), other)) }
                        .message shouldContain "ExceptionGroup 'group' cannot hold $other"
                    shouldThrow<IllegalArgumentException> { Plain("group", listOf(value(1), other)) }
                        .message shouldContain "Plain 'group' cannot hold $other"
                }
            }

            test("a subclass of BaseExceptionGroup holds anything and stays what it is") {
                Anything(listOf(value(1), type(2))).exceptions.size shouldBe 2
                Anything(listOf(value(1), KeyboardInterrupt())).exceptions.size shouldBe 2
            }

            test("a group can have a cause, at once or later") {
                val cause = IOException()
                ExceptionGroup("group", listOf(value(1)), cause).cause shouldBeSameInstanceAs cause
                val group = ExceptionGroup("group", listOf(value(1)))
                group.initCause(cause)
                group.cause shouldBeSameInstanceAs cause
            }
        }

        context("showing groups") {
            test("the text of a group counts its members and tells the first of them") {
                ExceptionGroup("one", listOf(value(1))).toString() shouldBe
                    "dev.simul.exceptions.ExceptionGroup: one (1 sub-exception): java.lang.IllegalArgumentException: 1"
                val nested = ExceptionGroup("nested", listOf(value(1), ExceptionGroup("flat", listOf(type(2)))))
                nested.toString() shouldBe
                    "dev.simul.exceptions.ExceptionGroup: nested (2 sub-exceptions): java.lang.IllegalArgumentException: 1; " +
                    "dev.simul.exceptions.ExceptionGroup: flat (1 sub-exception)"
                Plain("own", listOf(value(1), type(2))).toString() shouldBe
                    "${Plain::class.java.name}: own (2 sub-exceptions): java.lang.IllegalArgumentException: 1; java.lang.ClassCastException: 2"
            }

            test("the text of a large group tells three members, in a line each, and how many more there are") {
                val group = ExceptionGroup("large", List(100) { IllegalStateException("$it\nsecond line ${"x".repeat(1_000)}") })
                group.toString() shouldBe
                    "dev.simul.exceptions.ExceptionGroup: large (100 sub-exceptions): java.lang.IllegalStateException: 0; " +
                    "java.lang.IllegalStateException: 1; java.lang.IllegalStateException: 2; and 97 more"
                val long = ExceptionGroup("long", listOf(IllegalStateException("x".repeat(1_000)))).toString()
                long.length shouldBe "dev.simul.exceptions.ExceptionGroup: long (1 sub-exception): ".length + 121
            }

            test("the message is Python's") {
                ExceptionGroup("one", listOf(value(1))).message shouldBe "one"
            }

            test("the printed stack trace shows every member, nested as they are") {
                val group = ExceptionGroup("outer", listOf(value(1), ExceptionGroup("inner", listOf(type(2)))))
                val lines =
                    group.stackTraceToString().lines().filter {
                        "at " !in it && "... " !in it && it.isNotEmpty()
                    }
                lines shouldContainExactly
                    listOf(
                        "dev.simul.exceptions.ExceptionGroup: outer (2 sub-exceptions): java.lang.IllegalArgumentException: 1; " +
                            "dev.simul.exceptions.ExceptionGroup: inner (1 sub-exception)",
                        "\tSuppressed: java.lang.IllegalArgumentException: 1",
                        "\tSuppressed: dev.simul.exceptions.ExceptionGroup: inner (1 sub-exception): java.lang.ClassCastException: 2",
                        "\t\tSuppressed: java.lang.ClassCastException: 2",
                    )
            }

            test("the members are shown too when the group is a cause") {
                val text =
                    IllegalStateException(
                        "wrapper",
                        ExceptionGroup("group", listOf(value(1))),
                    ).stackTraceToString()
                text shouldContain "Caused by: dev.simul.exceptions.ExceptionGroup: group (1 sub-exception)"
                text shouldContain "Suppressed: java.lang.IllegalArgumentException: 1"
            }
        }

        context("taking the part of a group") {
            val group = simple()

            test("a group that matches is its own part") {
                for (all in listOf(Throwable::class, Exception::class, RuntimeException::class)) {
                    group.subgroup(all) shouldBeSameInstanceAs group
                }
                group.subgroup<BaseExceptionGroup>() shouldBeSameInstanceAs group
                group.subgroup<ExceptionGroup>() shouldBeSameInstanceAs group
                group.subgroup { true } shouldBeSameInstanceAs group
            }

            test("nothing is taken of a group in which nothing matches") {
                group.subgroup<IOException>() shouldBe null
                group.subgroup { false } shouldBe null
            }

            test("a part holds what is of one of the types, under the same message") {
                for (part in listOf(
                    group.subgroup<IllegalArgumentException>(),
                    group.subgroup(IllegalArgumentException::class.java),
                    group.subgroup { it is IllegalArgumentException },
                )) {
                    part!!.message shouldBe "simple"
                    part.shape shouldBe listOf("value 1", "value 2")
                }
                group.subgroup<ClassCastException>()!!.shape shouldBe listOf("type 7")
                val both = group.subgroup(IllegalArgumentException::class, ClassCastException::class)!!
                both.shape shouldBe group.shape
                group.subgroup(IOException::class.java, ClassCastException::class.java)!!.shape shouldBe
                    listOf("type 7")
            }

            test("a type that groups happen to share does not take in what is not of it") {
                val mixed = ExceptionGroup("mixed", listOf(value(1), io(2)))
                mixed.subgroup<RuntimeException>()!!.shape shouldBe listOf("value 1")
                mixed.subgroup<Exception>() shouldBeSameInstanceAs mixed
            }

            test("a predicate is asked about groups too") {
                val inner = ExceptionGroup("inner", listOf(value(1), type(2)))
                val outer = ExceptionGroup("outer", listOf(inner, value(3)))
                val (match, rest) = outer.split { it.message == "inner" }
                match!!.exceptions.single() shouldBeSameInstanceAs inner
                rest!!.shape shouldBe listOf("value 3")
            }
        }

        context("splitting a group") {
            test("each member is in exactly one of the parts") {
                val (match, rest) = simple().split<IllegalArgumentException>()
                match!!.shape shouldBe listOf("value 1", "value 2")
                rest!!.shape shouldBe listOf("type 7")
            }

            test("a part where nothing is, is null") {
                val group = simple()
                group.split { true } shouldBe ExceptionGroupSplit(group, null)
                group.split<Throwable>() shouldBe ExceptionGroupSplit(group, null)
                val (match, rest) = group.split<IOException>()
                match shouldBe null
                rest!!.shape shouldBe group.shape
                group.split(IllegalArgumentException::class.java, ClassCastException::class.java).rest shouldBe null
            }

            test("parts keep the nesting, without groups that became empty") {
                val group = nested()
                val (values, types) = group.split<IllegalArgumentException>()
                values!!.shape shouldBe
                    listOf(
                        listOf(listOf("value 6", "value 7"), listOf("value 7", "value 8"), "value 8"),
                        "value 7",
                    )
                types!!.shape shouldBe listOf(listOf(listOf("type 0"), listOf("type 0")))
                val (match, rest) = group.split(ClassCastException::class, IOException::class)
                match!!.shape shouldBe types.shape
                rest!!.shape shouldBe values.shape
                (match.leaves + rest.leaves).toSet() shouldBe group.leaves.toSet()
            }

            test("a group of a type that is asked for goes as a whole") {
                val group = nested()
                group.split<ExceptionGroup>().match shouldBeSameInstanceAs group
                val (match, rest) = group.split<Plain>()
                match!!.exceptions.single() shouldBeSameInstanceAs group.exceptions[0]
                match::class shouldBe ExceptionGroup::class
                rest!!.shape shouldBe listOf("value 7")
            }

            test("parts are of the kind that their members allow") {
                val group = BaseExceptionGroup.of("group", listOf(value(1), KeyboardInterrupt("2")))
                val (match, rest) = group.split<IllegalArgumentException>()
                match!!::class shouldBe ExceptionGroup::class
                rest!!::class shouldBe BaseExceptionGroup::class
                group.split<IOException>().rest!!::class shouldBe BaseExceptionGroup::class
                group.split(IllegalArgumentException::class, KeyboardInterrupt::class).match!!::class shouldBe
                    BaseExceptionGroup::class
            }

            test("parts keep the cause, the stack trace and the suppressed exceptions, at every level") {
                val suppressed = IOException("suppressed")
                val innerCause = IOException("inner cause")
                val outerCause = IOException("outer cause")
                val inner = ExceptionGroup("inner", listOf(value(1), type(2)), innerCause)
                val outer = ExceptionGroup("outer", listOf(inner, type(3)), outerCause)
                outer.addSuppressed(suppressed)
                val (match, rest) = outer.split<ClassCastException>()
                for (part in listOf(match!!, rest!!)) {
                    part shouldNotBeSameInstanceAs outer
                    part.message shouldBe "outer"
                    part.cause shouldBeSameInstanceAs outerCause
                    part.stackTrace.toList() shouldBe outer.stackTrace.toList()
                    part.suppressed.toList() shouldContainExactly part.exceptions + suppressed
                    val innerPart = part.exceptions[0]
                    innerPart.cause shouldBeSameInstanceAs innerCause
                    innerPart.stackTrace.toList() shouldBe inner.stackTrace.toList()
                }
            }

            test("what is added to a part later is not added to the group or the other part") {
                val group = simple()
                val (match, rest) = group.split<ClassCastException>()
                match!!.addSuppressed(IOException("late"))
                group.suppressedBesides.shouldBeEmpty()
                rest!!.suppressedBesides.shouldBeEmpty()
                match.suppressedBesides.map { it.message } shouldContainExactly listOf("late")
            }

            test("a subclass that does not say how to derive has plain parts") {
                val group = Plain("outer", listOf(value(1), Plain("nested", listOf(type(2)))))
                val (match, rest) = group.split<IllegalArgumentException>()
                match!!::class shouldBe ExceptionGroup::class
                match.shape shouldBe listOf("value 1")
                rest!!::class shouldBe ExceptionGroup::class
                rest.shape shouldBe listOf(listOf("type 2"))
                group.split<IOException>().rest!!::class shouldBe ExceptionGroup::class
            }

            test("a subclass that says how to derive has parts of its own kind, at every level") {
                val group = Coded("outer", listOf(value(1), Coded("nested", listOf(type(2)), 101)), 42)
                val (values, types) = group.split<IllegalArgumentException>()
                (values as Coded).code shouldBe 42
                values.shape shouldBe listOf("value 1")
                (types as Coded).code shouldBe 42
                (types.exceptions.single() as Coded).code shouldBe 101
                val everything = group.split(IllegalArgumentException::class, ClassCastException::class).match as Coded
                everything.code shouldBe 42
                everything.shape shouldBe group.shape
                (group.split<IOException>().rest as Coded).code shouldBe 42
            }

            test("a cause that a derived part brings itself is kept") {
                val own = IOException("own")
                val group = Caused(listOf(value(1), type(2)), own)
                val part = group.subgroup<ClassCastException>()!!
                part.cause shouldBeSameInstanceAs own
            }

            test("a group of a thousand levels is split") {
                var group = ExceptionGroup("bottom", listOf(value(1), type(2)))
                repeat(1_000) { group = ExceptionGroup("level $it", listOf(group)) }
                val (match, rest) = group.split<ClassCastException>()
                match!!.leaves.single().message shouldBe "2"
                rest!!.leaves.single().message shouldBe "1"
                group.subgroup<IOException>() shouldBe null
            }
        }

        context("the leaves of a group") {
            test("they come in order, and groups are not among them") {
                nested().leaves.map { it.label }.toList() shouldContainExactly
                    listOf("value 6", "type 0", "value 7", "value 7", "type 0", "value 8", "value 8", "value 7")
            }

            test("they are the very members") {
                val group = simple()
                group.leaves.toList() shouldContainExactly group.exceptions
            }

            test("a subclass is matched by the type of its parent") {
                val group = ExceptionGroup("group", listOf(FileNotFoundException("a"), type(1)))
                group.subgroup<IOException>()!!.leaves.single()::class shouldBe FileNotFoundException::class
                group.subgroup<IOException>() shouldNotBe null
            }
        }
    })

private open class Plain(
    message: String,
    exceptions: List<Throwable>,
) : ExceptionGroup(message, exceptions)

private class Anything(
    exceptions: List<Throwable>,
) : BaseExceptionGroup("anything", exceptions)

private class Coded(
    message: String,
    exceptions: List<Throwable>,
    val code: Int,
) : ExceptionGroup(message, exceptions) {
    override fun derive(exceptions: List<Throwable>) = Coded(message, exceptions, code)
}

private class Caused(
    exceptions: List<Throwable>,
    private val own: Throwable,
) : ExceptionGroup("caused", exceptions, own) {
    override fun derive(exceptions: List<Throwable>) = Caused(exceptions, own)
}

private fun simple() = ExceptionGroup("simple", listOf(value(1), type(7), value(2)))

private fun nested(): ExceptionGroup {
    fun level1(number: Int) = ExceptionGroup("level 1", listOf(value(number), type(0), value(number + 1)))
    return ExceptionGroup("level 3", listOf(Plain("level 2", listOf(level1(6), level1(7), value(8))), value(7)))
}
