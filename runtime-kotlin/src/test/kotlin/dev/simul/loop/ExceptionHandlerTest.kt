// SPDX-License-Identifier: Apache-2.0
package dev.simul.loop

import dev.simul.context.Context
import dev.simul.context.ContextVar
import dev.simul.createTask
import dev.simul.exceptions.KeyboardInterrupt
import dev.simul.runUntilComplete
import dev.simul.sleep
import dev.simul.testing.VirtualClock
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.collections.shouldHaveSize
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldStartWith
import io.kotest.matchers.types.shouldBeInstanceOf
import io.kotest.matchers.types.shouldBeSameInstanceAs
import org.slf4j.event.Level
import kotlin.time.Duration
import kotlin.time.Duration.Companion.seconds

private fun EventLoop.runOnce() {
    stop()
    runForever()
}

class ExceptionHandlerTest :
    FunSpec({
        test("by default, what a callback throws is logged, and the loop goes on") {
            val loop = VirtualClock().newLoop()
            val events = mutableListOf<String>()
            val failure = ArithmeticException("spam")
            loop.callSoon { throw failure }
            loop.callSoon { events += "next" }
            val log = RecordedLog.during { loop.runOnce() }
            log shouldHaveSize 1
            log[0].level shouldBe Level.ERROR
            log[0].message shouldStartWith "Exception in callback"
            log[0].thrown shouldBeSameInstanceAs failure
            events shouldContainExactly listOf("next")
        }

        test("by default, the failure of a task that nobody asks for is logged when the loop closes") {
            val loop = VirtualClock().newLoop()
            val failure = ArithmeticException("spam")
            val task = loop.createTask<Unit>("the culprit") { throw failure }
            loop.runUntilComplete { sleep(1.seconds) }
            task.done() shouldBe true
            val log = RecordedLog.during { loop.close() }
            log.map { it.message } shouldContainExactly listOf("Task exception was never retrieved\ntask: the culprit")
            log[0].thrown shouldBeSameInstanceAs failure
        }

        test("a handler of one's own gets the loop, the message, the exception and what is involved") {
            val loop = VirtualClock().newLoop()
            val seen = mutableListOf<Pair<EventLoop, ExceptionContext>>()
            loop.exceptionHandler shouldBe null
            val handler = ExceptionHandler { on, context -> seen += on to context }
            loop.exceptionHandler = handler
            loop.exceptionHandler shouldBeSameInstanceAs handler
            val failure = ArithmeticException("spam")
            val handle = loop.callSoon { throw failure }
            val log = RecordedLog.during { loop.runOnce() }
            log.shouldBeEmpty()
            seen shouldHaveSize 1
            val (on, context) = seen[0]
            on shouldBeSameInstanceAs loop
            context.exception shouldBeSameInstanceAs failure
            context.message shouldStartWith "Exception in callback"
            context["handle"] shouldBeSameInstanceAs handle
            context["future"] shouldBe null
        }

        test("null stands for the default handler again") {
            val loop = VirtualClock().newLoop()
            loop.exceptionHandler = ExceptionHandler { _, _ -> }
            loop.exceptionHandler = null
            loop.callSoon { throw ArithmeticException() }
            RecordedLog.during { loop.runOnce() } shouldHaveSize 1
        }

        test("a timer's failure is handled like any other") {
            val loop = VirtualClock().newLoop()
            val seen = mutableListOf<ExceptionContext>()
            loop.exceptionHandler = ExceptionHandler { _, context -> seen += context }
            val handle = loop.callLater(Duration.ZERO) { throw ArithmeticException() }
            loop.runOnce()
            seen.map { it["handle"] } shouldContainExactly listOf(handle)
        }

        test("what the handler throws is logged, with the error it was given") {
            val loop = VirtualClock().newLoop()
            val failure = ArithmeticException("first")
            val second = IllegalArgumentException("second")
            loop.exceptionHandler = ExceptionHandler { _, _ -> throw second }
            loop.callSoon { throw failure }
            val log = RecordedLog.during { loop.runOnce() }
            log shouldHaveSize 1
            log[0].message shouldContain "Unhandled error in exception handler"
            log[0].message shouldContain "Exception in callback"
            log[0].thrown shouldBeSameInstanceAs second
        }

        test("a fatal error leaves through the handler and the loop") {
            val loop = VirtualClock().newLoop()
            loop.exceptionHandler = ExceptionHandler { _, _ -> throw KeyboardInterrupt() }
            loop.callSoon { throw ArithmeticException() }
            shouldThrow<KeyboardInterrupt> { loop.runForever() }
            loop.isRunning shouldBe false
        }

        test("a fatal error of a callback is not handled, but leaves the loop") {
            val loop = VirtualClock().newLoop()
            val seen = mutableListOf<ExceptionContext>()
            loop.exceptionHandler = ExceptionHandler { _, context -> seen += context }
            loop.callSoon { throw KeyboardInterrupt() }
            shouldThrow<KeyboardInterrupt> { loop.runForever() }
            seen.shouldBeEmpty()
        }

        test("a stack overflow of a callback is handled") {
            val loop = VirtualClock().newLoop()
            val seen = mutableListOf<Throwable?>()
            loop.exceptionHandler = ExceptionHandler { _, context -> seen += context.exception }

            fun dive(depth: Int): Int = dive(depth + 1) + 1
            loop.callSoon { dive(0) }
            loop.runOnce()
            seen shouldHaveSize 1
            seen[0].shouldBeInstanceOf<StackOverflowError>()
        }

        test("the handler runs with the context variables of the callback") {
            val loop = VirtualClock().newLoop()
            val variable = ContextVar("variable", "default")
            val seen = mutableListOf<String>()
            loop.exceptionHandler = ExceptionHandler { _, _ -> seen += variable.get() }
            Context().run {
                variable.set("callback's")
                loop.callSoon {
                    variable.set("set by the callback")
                    throw ArithmeticException()
                }
                loop.callLater(Duration.ZERO) { throw ArithmeticException() }
            }
            loop.runOnce()
            seen shouldContainExactly listOf("set by the callback", "callback's")
        }

        test("a report of one's own goes the same way, from inside or outside the loop") {
            val loop = VirtualClock().newLoop()
            val seen = mutableListOf<String>()
            loop.exceptionHandler = ExceptionHandler { _, context -> seen += context.toString() }
            loop.callExceptionHandler(ExceptionContext("outside"))
            loop.runUntilComplete {
                loop.callExceptionHandler(
                    ExceptionContext("inside", null, mapOf("task" to "mine")),
                )
            }
            seen shouldContainExactly listOf("outside", "inside\ntask: mine")
        }

        test("the default handler can be called by one's own") {
            val loop = VirtualClock().newLoop()
            loop.exceptionHandler = ExceptionHandler(EventLoop::defaultExceptionHandler)
            val log = RecordedLog.during { loop.callExceptionHandler(ExceptionContext("passed on")) }
            log.map { it.toString() } shouldContainExactly listOf("ERROR passed on")
        }
    })
