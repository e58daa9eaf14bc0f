// SPDX-License-Identifier: Apache-2.0
package dev.simul.loop

import dev.simul.context.Context
import dev.simul.context.ContextVar
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.types.shouldBeSameInstanceAs
import sun.misc.Signal
import sun.misc.SignalHandler
import java.util.concurrent.LinkedBlockingQueue
import java.util.concurrent.TimeUnit
import kotlin.concurrent.thread

/** Signals that do nothing where nobody has a handler: a test that fails cannot end the JVM. */
private const val HARMLESS = "WINCH"
private const val OTHER = "URG"

class SignalsTest :
    FunSpec({
        val events = LinkedBlockingQueue<String>()
        beforeTest { events.clear() }

        fun raise(name: String) = Signal.raise(Signal(name))

        fun next() = events.poll(60, TimeUnit.SECONDS)

        /** Runs the loop until a callback stops it, and returns what that one has said. */
        fun EventLoop.runUntilHandled(): String? {
            runForever()
            return next()
        }

        fun EventLoop.saying(word: String): () -> Unit =
            {
                events += word
                stop()
            }

        /** Those that were in place are the same before and after [block]. */
        fun withHandlers(block: () -> Unit) {
            val handler = SignalHandler { events += "outside: ${it.name}" }
            val before = listOf(HARMLESS, OTHER).associateWith { Signal.handle(Signal(it), handler) }
            try {
                block()
                for (name in before.keys) Signal.handle(Signal(name), handler) shouldBeSameInstanceAs handler
            } finally {
                before.forEach { (name, handler) -> Signal.handle(Signal(name), handler) }
            }
        }

        fun withLoop(block: (EventLoop) -> Unit) = withHandlers { EventLoop().use(block) }

        test("a signal calls its handler in the loop's thread, with and without SIG before its name") {
            for (name in listOf(HARMLESS, "SIG$HARMLESS")) {
                withLoop { loop ->
                    loop.addSignalHandler(name) {
                        events += "in the loop: ${getRunningLoopOrNull() === loop}"
                        loop.stop()
                    }
                    raise(HARMLESS)
                    loop.runUntilHandled() shouldBe "in the loop: true"
                }
            }
        }

        test("it wakes a loop that waits, each time") {
            withLoop { loop ->
                var count = 0
                loop.addSignalHandler(HARMLESS) {
                    events += "${++count}"
                    if (count == 3) loop.stop()
                }
                val runner = thread { loop.runForever() }
                for (i in 1..3) {
                    raise(HARMLESS)
                    next() shouldBe "$i"
                }
                runner.join()
            }
        }

        test("each signal has a handler of its own") {
            withLoop { loop ->
                loop.addSignalHandler(HARMLESS, callback = loop.saying("one"))
                loop.addSignalHandler(OTHER, callback = loop.saying("other"))
                raise(OTHER)
                loop.runUntilHandled() shouldBe "other"
                raise(HARMLESS)
                loop.runUntilHandled() shouldBe "one"
            }
        }

        test("adding one again replaces it") {
            withLoop { loop ->
                loop.addSignalHandler(HARMLESS) { events += "never" }
                loop.addSignalHandler(HARMLESS, callback = loop.saying("second"))
                raise(HARMLESS)
                loop.runUntilHandled() shouldBe "second"
                loop.removeSignalHandler(HARMLESS) shouldBe true
                loop.removeSignalHandler(HARMLESS) shouldBe false
            }
        }

        test("removing it restores what was there before") {
            withLoop { loop ->
                loop.addSignalHandler(HARMLESS) { events += "never" }
                loop.removeSignalHandler("SIG$HARMLESS") shouldBe true
                raise(HARMLESS)
                next() shouldBe "outside: $HARMLESS"
                loop.removeSignalHandler(HARMLESS) shouldBe false
            }
        }

        test("a signal that has come, but was not dealt with when its handler is removed, is ignored") {
            val parking = NioPoller()
            val poller =
                object : Poller by parking {
                    override fun wakeup() {
                        parking.wakeup()
                        events += "woken"
                    }
                }
            withHandlers {
                EventLoop(poller = poller).use { loop ->
                    loop.addSignalHandler(HARMLESS) { events += "never" }
                    raise(HARMLESS)
                    next() shouldBe "woken"
                    loop.removeSignalHandler(HARMLESS)
                    loop.callSoon { loop.callSoon(callback = loop.saying("turns")) }
                    loop.runUntilHandled() shouldBe "turns"
                }
            }
        }

        test("closing the loop removes its handlers") {
            withHandlers {
                EventLoop().use { loop ->
                    loop.addSignalHandler(HARMLESS) { events += "never" }
                    loop.addSignalHandler(OTHER) { events += "never" }
                }
                raise(HARMLESS)
                next() shouldBe "outside: $HARMLESS"
                raise(OTHER)
                next() shouldBe "outside: $OTHER"
            }
        }

        test("of two loops the one that added last has the signal, and then the other one again") {
            withLoop { first ->
                first.addSignalHandler(HARMLESS, callback = first.saying("first"))
                EventLoop().use { second ->
                    second.addSignalHandler(HARMLESS, callback = second.saying("second"))
                    raise(HARMLESS)
                    second.runUntilHandled() shouldBe "second"
                    first.addSignalHandler(HARMLESS, callback = first.saying("first again"))
                    raise(HARMLESS)
                    first.runUntilHandled() shouldBe "first again"
                    first.removeSignalHandler(HARMLESS)
                    raise(HARMLESS)
                    second.runUntilHandled() shouldBe "second"
                    first.addSignalHandler(HARMLESS, callback = first.saying("first once more"))
                }
                raise(HARMLESS)
                first.runUntilHandled() shouldBe "first once more"
            }
        }

        test("somebody else's handler that was put in place meanwhile stays") {
            val other = SignalHandler { events += "other" }
            withHandlers {
                lateinit var replaced: SignalHandler
                EventLoop().use { loop ->
                    loop.addSignalHandler(HARMLESS) { events += "never" }
                    replaced = Signal.handle(Signal(HARMLESS), other)
                }
                raise(HARMLESS)
                next() shouldBe "other"
                // The other one puts back what it has found, as it should.
                Signal.handle(Signal(HARMLESS), replaced) shouldBeSameInstanceAs other
                raise(HARMLESS)
                next() shouldBe "outside: $HARMLESS"
            }
        }

        test("what the JVM did before is restored too") {
            val before = Signal.handle(Signal("USR2"), SignalHandler.SIG_IGN)
            Signal.handle(Signal("USR2"), before)
            EventLoop().use { loop ->
                loop.addSignalHandler("USR2", callback = loop.saying("handled"))
                raise("USR2")
                loop.runUntilHandled() shouldBe "handled"
            }
            val after = Signal.handle(Signal("USR2"), before)
            after.javaClass shouldBe before.javaClass
        }

        test("a handler runs with a copy of the context that it was added in, or in the one given") {
            val variable = ContextVar("variable", "default")
            withLoop { loop ->
                val callback = {
                    events += variable.get()
                    loop.stop()
                }
                Context().run {
                    variable.set("caller's")
                    loop.addSignalHandler(HARMLESS, callback = callback)
                    variable.set("later")
                }
                raise(HARMLESS)
                loop.runUntilHandled() shouldBe "caller's"
                val given = Context()
                given.run { variable.set("given") }
                loop.addSignalHandler(HARMLESS, given, callback)
                raise(HARMLESS)
                loop.runUntilHandled() shouldBe "given"
            }
        }

        test("what a handler throws is reported, and the handler stays") {
            withLoop { loop ->
                loop.exceptionHandler =
                    ExceptionHandler { _, context ->
                        events += "${context.exception}"
                        loop.stop()
                    }
                loop.addSignalHandler(HARMLESS) { throw ArithmeticException("wrong") }
                repeat(2) {
                    raise(HARMLESS)
                    loop.runUntilHandled() shouldBe "java.lang.ArithmeticException: wrong"
                }
            }
        }

        test("a signal that there is not is refused, with its name") {
            withLoop { loop ->
                for (name in listOf("NOVEL", "SIGNOVEL", "15", "", "term")) {
                    val refusals =
                        listOf(
                            shouldThrow<IllegalArgumentException> { loop.addSignalHandler(name) {} },
                            shouldThrow<IllegalArgumentException> { loop.removeSignalHandler(name) },
                        )
                    for (refused in refusals) refused.message shouldContain "no signal '$name' on this system: give it by its name"
                }
            }
        }

        test("a signal that cannot be caught is refused") {
            withLoop { loop ->
                for (name in listOf("KILL", "STOP", "SEGV", "QUIT")) {
                    shouldThrow<IllegalStateException> { loop.addSignalHandler(name) {} }.message shouldContain
                        "signal $name cannot be caught"
                    loop.removeSignalHandler(name) shouldBe false
                }
            }
        }

        test("a closed loop takes no handlers, and has none") {
            val loop = EventLoop()
            loop.close()
            shouldThrow<IllegalStateException> { loop.addSignalHandler(HARMLESS) {} }.message shouldBe "Event loop is closed"
            loop.removeSignalHandler(HARMLESS) shouldBe false
        }

        test("in debug mode other threads are refused") {
            withLoop { loop ->
                loop.debug = true
                loop.callSoon {
                    thread {
                        for (call in listOf({ loop.addSignalHandler(HARMLESS) {} }, { loop.removeSignalHandler(HARMLESS) })) {
                            events += "${runCatching(call).exceptionOrNull()}".substringBefore(":")
                        }
                    }.join()
                    loop.stop()
                }
                loop.runForever()
                events.toList() shouldContainExactly List(2) { "java.lang.IllegalStateException" }
            }
        }
    })
