// SPDX-License-Identifier: Apache-2.0
package dev.simul.generators

import dev.simul.exceptions.GeneratorExit
import dev.simul.loopTest
import dev.simul.testing.runTest
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.core.spec.style.scopes.FunSpecRootScope
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import io.kotest.matchers.types.shouldBeSameInstanceAs

/** What exit stacks of both kinds have in common is tried with both. */
class ExitStackTest :
    FunSpec({
        exitStackSuite("ExitStack") { SyncStack(ExitStack()) }
        exitStackSuite("AsyncExitStack") { AsyncStack(AsyncExitStack()) }

        test("an ExitStack is AutoCloseable, and its use suppresses nevertheless") {
            val events = mutableListOf<String>()
            val stack = ExitStack()
            stack.push { _ -> true }
            stack.use { error("suppressed") } shouldBe null

            val closeable: AutoCloseable = ExitStack().also { it.callback { events += "left" } }
            closeable.use { events += "block" }
            events shouldContainExactly listOf("block", "left")
        }

        test("an ExitStack is a context manager that another one can hold") {
            val events = mutableListOf<String>()
            ExitStack().use { outer ->
                outer.callback { events += "outer" }
                val inner = outer.enterContext(ExitStack())
                inner.callback { events += "inner" }
            }
            events shouldContainExactly listOf("inner", "outer")
        }
    })

/** An exit stack of either kind. */
private interface AnyStack {
    fun push(exit: (Throwable?) -> Boolean)

    fun push(manager: ContextManager<*>)

    fun callback(callback: () -> Unit)

    fun <T> enterContext(manager: ContextManager<T>): T

    fun <C : AutoCloseable> enterContext(closeable: C): C

    fun popAll(): AnyStack

    suspend fun close()

    suspend fun leave(exception: Throwable?): Boolean
}

private class SyncStack(
    private val stack: ExitStack,
) : AnyStack {
    override fun push(exit: (Throwable?) -> Boolean) = stack.push(exit)

    override fun push(manager: ContextManager<*>) = stack.push(manager)

    override fun callback(callback: () -> Unit) = stack.callback(callback)

    override fun <T> enterContext(manager: ContextManager<T>) = stack.enterContext(manager)

    override fun <C : AutoCloseable> enterContext(closeable: C) = stack.enterContext(closeable)

    override fun popAll() = SyncStack(stack.popAll())

    override suspend fun close() = stack.close()

    override suspend fun leave(exception: Throwable?) = stack.exit(exception)
}

private class AsyncStack(
    private val stack: AsyncExitStack,
) : AnyStack {
    override fun push(exit: (Throwable?) -> Boolean) = stack.push(exit)

    override fun push(manager: ContextManager<*>) = stack.push(manager)

    override fun callback(callback: () -> Unit) = stack.callback(callback)

    override fun <T> enterContext(manager: ContextManager<T>) = stack.enterContext(manager)

    override fun <C : AutoCloseable> enterContext(closeable: C) = stack.enterContext(closeable)

    override fun popAll() = AsyncStack(stack.popAll())

    override suspend fun close() = stack.aclose()

    override suspend fun leave(exception: Throwable?) = stack.aexit(exception)
}

private class Leaving(
    private val leave: (Throwable?) -> Boolean,
) : ContextManager<Nothing> {
    override fun enter(): Nothing = error("should not be entered")

    override fun exit(exception: Throwable?) = leave(exception)
}

private fun FunSpecRootScope.exitStackSuite(
    kind: String,
    newStack: () -> AnyStack,
) = context(kind) {
    val events = mutableListOf<Any?>()
    beforeTest { events.clear() }

    /** A block of a new stack. */
    suspend fun withStack(block: suspend (AnyStack) -> Unit) {
        val stack = newStack()
        var thrown: Throwable? = null
        try {
            block(stack)
        } catch (e: Throwable) {
            thrown = e
        }
        if (!stack.leave(thrown) && thrown != null) throw thrown
    }

    suspend fun thrownBy(block: suspend (AnyStack) -> Unit): Throwable = shouldThrow<Throwable> { withStack(block) }

    fun AnyStack.throwing(exception: Throwable) = callback { throw exception }

    loopTest("an empty one does nothing, and passes exceptions on") {
        withStack { }
        val thrown = ArithmeticException()
        thrownBy { throw thrown } shouldBeSameInstanceAs thrown
    }

    test("callbacks are called in reverse order, each as often as it was given") {
        runTest {
            val callback = { events += "again" }
            withStack { stack ->
                stack.callback { events += "first" }
                repeat(2) { stack.callback { callback() } }
                stack.callback { events += "last" }
                events += "block"
            }
        }
        events shouldContainExactly listOf("block", "last", "again", "again", "first")
    }

    test("what is pushed sees the exception that is under way, until one ends it") {
        runTest {
            withStack { stack ->
                val see = { exception: Throwable? ->
                    events += exception?.message
                    false
                }
                stack.push(see)
                stack.push(Leaving(see))
                stack.push { _ -> true }
                stack.push(Leaving(see))
                stack.push(see)
                throw ArithmeticException("block")
            }
        }
        events shouldContainExactly listOf("block", "block", null, null)
    }

    test("a manager that is entered gives its value and is left, in turn with the callbacks") {
        runTest {
            withStack { stack ->
                stack.callback { events += 4 }
                val value =
                    stack.enterContext(
                        contextManager {
                            events += 1
                            yield(2)
                            events += 3
                        },
                    )
                events += value
            }
        }
        events shouldContainExactly listOf(1, 2, 3, 4)
    }

    test("a manager that fails to be entered is not left") {
        runTest {
            val manager =
                object : ContextManager<Int> {
                    override fun enter(): Int = throw ArithmeticException()

                    override fun exit(exception: Throwable?) = true.also { events += "exit" }
                }
            withStack { stack -> shouldThrow<ArithmeticException> { stack.enterContext(manager) } }
        }
        events.shouldBeEmpty()
    }

    test("anything AutoCloseable is closed in turn") {
        runTest {
            withStack { stack ->
                stack.callback { events += "callback" }
                val thing = AutoCloseable { events += "closed" }
                stack.enterContext(thing) shouldBeSameInstanceAs thing
            }
        }
        events shouldContainExactly listOf("closed", "callback")
    }

    test("closing leaves everything at once, and the end of the block nothing more") {
        runTest {
            withStack { stack ->
                stack.callback { events += 1 }
                stack.close()
                events += 2
                stack.close()
            }
        }
        events shouldContainExactly listOf(1, 2)
    }

    test("popAll moves everything to a new stack, in its order") {
        runTest {
            lateinit var moved: AnyStack
            withStack { stack ->
                stack.callback { events += 4 }
                stack.callback { events += 3 }
                moved = stack.popAll()
                stack.callback { events += 1 }
            }
            events += 2
            moved.close()
        }
        events shouldContainExactly listOf(1, 2, 3, 4)
    }

    test("popAll while leaving saves what is left") {
        runTest {
            lateinit var moved: AnyStack
            withStack { stack ->
                stack.callback { events += 3 }
                stack.callback { moved = stack.popAll() }
                stack.callback { events += 1 }
            }
            events += 2
            moved.close()
        }
        events shouldContainExactly listOf(1, 2, 3)
    }

    test("what is added while leaving is left next") {
        runTest {
            withStack { stack ->
                stack.callback { events += 3 }
                stack.callback {
                    events += 1
                    stack.callback { events += 2 }
                }
            }
        }
        events shouldContainExactly listOf(1, 2, 3)
    }

    loopTest("an exception that nobody ends goes on, the same one") {
        val thrown = ArithmeticException()
        thrownBy { stack ->
            stack.push { _ -> false }
            throw thrown
        } shouldBeSameInstanceAs thrown
        thrown.suppressed.size shouldBe 0
    }

    loopTest("an exception that one ends is gone") {
        withStack { stack ->
            stack.push { _ -> true }
            throw ArithmeticException()
        }
    }

    loopTest("a callback that fails throws at the end of the block, with its own trace and the block's") {
        val block = ArithmeticException("block")
        val trace = block.stackTrace.toList()
        val failure =
            thrownBy { stack ->
                stack.callback { throw NumberFormatException("callback") }
                throw block
            }
        failure.message shouldBe "callback"
        failure.stackTrace.first().className.contains("ExitStackTest") shouldBe true
        failure.suppressed.toList() shouldContainExactly listOf(block)
        block.stackTrace.toList() shouldBe trace
    }

    test("failures replace each other as in nested blocks") {
        fun raising(exception: Throwable) = Leaving { throw exception }

        /** Throws [outer] while it handles [inner], which replaced what was under way. */
        fun raisingTwo(
            outer: Throwable,
            inner: Throwable,
        ) = Leaving { underWay ->
            if (underWay != null) inner.addSuppressed(underWay)
            throw outer.also { it.addSuppressed(inner) }
        }

        fun chain(exception: Throwable): List<Any?> = listOf(exception.message) + exception.suppressed.flatMap { chain(it) }

        runTest {
            lateinit var ended: Throwable
            val ending =
                Leaving {
                    ended = it!!
                    true
                }

            fun failures() = List(5) { Exception("$it") }

            val nested = failures()
            val byNesting =
                shouldThrow<Exception> {
                    nullEntered(raising(nested[0])).use {
                        nullEntered(raisingTwo(nested[1], nested[2])).use {
                            nullEntered(ending).use {
                                nullEntered(raising(nested[3])).use { throw nested[4] }
                            }
                        }
                    }
                }
            chain(byNesting) shouldContainExactly listOf("0", "1", "2")
            chain(ended) shouldContainExactly listOf("3", "4")

            val stacked = failures()
            val byStack =
                thrownBy { stack ->
                    stack.push(raising(stacked[0]))
                    stack.push(raisingTwo(stacked[1], stacked[2]))
                    stack.push(ending)
                    stack.push(raising(stacked[3]))
                    throw stacked[4]
                }
            chain(byStack) shouldContainExactly listOf("0", "1", "2")
            chain(ended) shouldContainExactly listOf("3", "4")
        }
    }

    loopTest("each failure keeps the one that it replaced, back to the last that was ended") {
        lateinit var ended: Throwable
        val (first, second, third, fourth) = List(4) { Exception("$it") }
        val block = ArithmeticException()
        thrownBy { stack ->
            stack.throwing(first)
            stack.throwing(second)
            stack.throwing(third)
            stack.push { exception ->
                ended = exception!!
                true
            }
            stack.throwing(fourth)
            throw block
        } shouldBeSameInstanceAs first
        first.suppressed.toList() shouldContainExactly listOf(second)
        second.suppressed.toList() shouldContainExactly listOf(third)
        third.suppressed.toList().shouldBeEmpty()
        ended shouldBeSameInstanceAs fourth
        fourth.suppressed.toList() shouldContainExactly listOf(block)
    }

    loopTest("a failure that leads to the one it replaces does not keep it twice") {
        val block = ArithmeticException()
        val wrapped = IllegalStateException(block)
        val around = NumberFormatException().also { it.addSuppressed(wrapped) }
        thrownBy { stack ->
            stack.throwing(around)
            stack.throwing(wrapped)
            throw block
        } shouldBeSameInstanceAs around
        wrapped.suppressed.size shouldBe 0
        around.suppressed.toList() shouldContainExactly listOf(wrapped)
    }

    loopTest("a failure that the replaced one leads to does not make a circle") {
        val cause = ArithmeticException()
        thrownBy { stack ->
            stack.throwing(cause)
            throw IllegalStateException(cause)
        } shouldBeSameInstanceAs cause
        cause.suppressed.size shouldBe 0
    }

    loopTest("the exception under way may be thrown again") {
        val block = ArithmeticException()
        thrownBy { stack ->
            stack.push { throw it!! }
            stack.push { throw it!! }
            throw block
        } shouldBeSameInstanceAs block
        block.suppressed.size shouldBe 0
    }

    test("generators that keep the context themselves are left in a chain without circles") {
        fun failing(exception: Throwable) =
            contextManager {
                try {
                    yield(Unit)
                } finally {
                    throw exception
                }
            }
        runTest {
            val exceptions = List(4) { Exception("$it") }
            thrownBy { stack ->
                for (exception in exceptions.drop(1).reversed()) stack.enterContext(failing(exception))
                throw exceptions[0]
            } shouldBeSameInstanceAs exceptions[3]
            for ((replaced, exception) in exceptions.zipWithNext()) {
                exception.suppressed.toList() shouldContainExactly listOf(replaced)
            }
            exceptions[0].suppressed.size shouldBe 0
        }
    }

    test("failures that have a chain of their own are put before what they replace") {
        fun failNested(
            inner: Throwable,
            outer: Throwable,
        ): Nothing =
            try {
                throw inner
            } finally {
                throw outer.also { it.addSuppressed(inner) }
            }
        runTest {
            val exceptions = List(5) { Exception("$it") }
            thrownBy { stack ->
                stack.callback { failNested(exceptions[3], exceptions[4]) }
                stack.callback { failNested(exceptions[1], exceptions[2]) }
                throw exceptions[0]
            } shouldBeSameInstanceAs exceptions[4]
            exceptions[4].suppressed.toList() shouldContainExactly listOf(exceptions[3], exceptions[2])
            exceptions[2].suppressed.toList() shouldContainExactly listOf(exceptions[1], exceptions[0])
        }
    }

    loopTest("one that suppresses does not hide a failure after it") {
        val first = Exception("first")
        val second = Exception("second")
        thrownBy { stack ->
            stack.callback { }
            stack.throwing(first)
        } shouldBeSameInstanceAs first
        thrownBy { stack ->
            stack.throwing(second)
            stack.push { _ -> true }
            stack.throwing(first)
        } shouldBeSameInstanceAs second
        second.suppressed.size shouldBe 0
    }

    loopTest("one that suppresses ends the failures before it, with and without one of the block") {
        for (fails in listOf(false, true)) {
            withStack { stack ->
                stack.push { _ -> true }
                stack.push { _ -> throw ArithmeticException() }
                stack.push { _ -> throw NoSuchElementException() }
                if (fails) throw Exception()
            }
        }
    }

    loopTest("leaving says whether the exception that it was given has ended") {
        newStack().leave(ArithmeticException()) shouldBe false
        newStack().also { it.push { _ -> true } }.leave(ArithmeticException()) shouldBe true
        newStack().also { it.push { _ -> true } }.leave(null) shouldBe false
    }

    loopTest("a hundred thousand callbacks take no stack") {
        var called = 0
        withStack { stack -> repeat(100_000) { stack.callback { called++ } } }
        called shouldBe 100_000
    }

    loopTest("an IllegalStateException that a generator throws again is not taken for one of its own") {
        val block = IllegalStateException("please no endless loop")
        val failure =
            thrownBy { stack ->
                stack.enterContext(
                    contextManager {
                        try {
                            yield(1)
                        } catch (e: Exception) {
                            throw NumberFormatException("new").also { it.initCause(e) }
                        }
                    },
                )
                stack.enterContext(
                    contextManager {
                        try {
                            yield(1)
                        } catch (e: Exception) {
                            throw e
                        }
                    },
                )
                throw block
            }
        failure.message shouldBe "new"
        failure.cause shouldBeSameInstanceAs block
        failure.suppressed.size shouldBe 0
        block.cause shouldBe null
    }

    test("errors and exits are under way like any exception") {
        runTest {
            for (thrown in listOf(GeneratorExit(), StackOverflowError(), AssertionError())) {
                withStack { stack ->
                    stack.push { events.add(it) }
                    throw thrown
                }
            }
        }
        events.map { it!!::class } shouldContainExactly
            listOf(GeneratorExit::class, StackOverflowError::class, AssertionError::class)
    }
}

/** [manager] without its refusal to be entered. */
private fun nullEntered(manager: ContextManager<*>) =
    object : ContextManager<Unit> {
        override fun enter() = Unit

        override fun exit(exception: Throwable?) = manager.exit(exception)
    }
