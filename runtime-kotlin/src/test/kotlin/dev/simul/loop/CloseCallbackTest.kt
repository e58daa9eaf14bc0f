// SPDX-License-Identifier: Apache-2.0
package dev.simul.loop

import dev.simul.context.ContextVar
import dev.simul.exceptions.SystemExit
import dev.simul.recordReports
import dev.simul.testing.VirtualClock
import dev.simul.testing.runTest
import dev.simul.transports.OpenTransports
import dev.simul.transports.Releasable
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldStartWith
import io.kotest.matchers.types.shouldBeSameInstanceAs
import java.io.IOException
import kotlin.concurrent.thread

class CloseCallbackTest :
    FunSpec({
        val events = mutableListOf<String>()
        beforeTest { events.clear() }

        test("each is called once, the last one first, in the thread that closes the loop") {
            val loop = EventLoop()
            var thread: Thread? = null
            loop.addCloseCallback { events += "first" }
            loop.addCloseCallback {
                events += "second"
                thread = Thread.currentThread()
            }
            events.shouldBeEmpty()
            loop.close()
            loop.close()
            events.shouldContainExactly("second", "first")
            thread shouldBeSameInstanceAs Thread.currentThread()
        }

        test("it is called before anything else is dropped or closed, on a loop that takes no callbacks any more") {
            val loop = VirtualClock().newLoop()
            OpenTransports[loop].add(
                object : Releasable {
                    override fun release() {
                        events += "transport"
                    }
                },
            )
            loop.addCloseCallback {
                events += "running=${loop.isRunning} closed=${loop.isClosed} in loop=${loop.isInLoop}"
                events += shouldThrow<IllegalStateException> { loop.callSoon { } }.message!!
                events += shouldThrow<IllegalStateException> { loop.addCloseCallback { } }.message!!
            }
            loop.close()
            events.shouldContainExactly(
                "running=false closed=true in loop=false",
                "Event loop is closed",
                "Event loop is closed",
                "transport",
            )
        }

        test("it is called after the tasks of a runner have ended") {
            runTest {
                val loop = getRunningLoop()
                loop.addCloseCallback { events += "closed" }
                events += "main"
            }
            events.shouldContainExactly("main", "closed")
        }

        test("one that is cancelled is not called") {
            EventLoop().use { loop ->
                val handle = loop.addCloseCallback { events += "cancelled" }
                lateinit var other: Handle
                other = loop.addCloseCallback { events += "cancelled" }
                loop.addCloseCallback { other.cancel() }
                handle.cancel()
                handle.cancelled() shouldBe true
            }
            events.shouldBeEmpty()
        }

        test("what one throws goes to the exception handler, and the others are called") {
            val loop = EventLoop()
            val reports = loop.recordReports()
            loop.addCloseCallback { events += "first" }
            loop.addCloseCallback { throw IOException("second") }
            loop.addCloseCallback { events += "third" }
            loop.close()
            events.shouldContainExactly("third", "first")
            reports.single().message shouldStartWith "Exception in close callback"
            reports.single().exception!!.message shouldBe "second"
        }

        test("what nobody can handle is thrown when all is closed") {
            val loop = EventLoop()
            loop.addCloseCallback { events += "first" }
            loop.addCloseCallback { throw SystemExit(3) }
            shouldThrow<SystemExit> { loop.close() }.code shouldBe 3
            events.shouldContainExactly("first")
            loop.isClosed shouldBe true
        }

        test("it runs with the context variables of whoever added it") {
            val variable = ContextVar("variable", "unset")
            runTest {
                variable.set("task's")
                getRunningLoop().addCloseCallback { events += variable.get() }
            }
            variable.get() shouldBe "unset"
            events.shouldContainExactly("task's")
        }

        test("a loop that is closed takes none, nor does another thread's in debug mode") {
            val loop = EventLoop().also { it.close() }
            shouldThrow<IllegalStateException> { loop.addCloseCallback { } }.message shouldBe "Event loop is closed"
            runTest(debug = true) {
                val running = getRunningLoop()
                var refused: Throwable? = null
                thread { refused = runCatching { running.addCloseCallback { } }.exceptionOrNull() }.join()
                refused!!.message shouldContain "addCloseCallback was called in thread"
            }
        }
    })
