// SPDX-License-Identifier: Apache-2.0
package dev.simul.loop

import dev.simul.runUntilComplete
import dev.simul.testing.VirtualClock
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.types.shouldBeSameInstanceAs
import io.kotest.matchers.types.shouldNotBeSameInstanceAs
import kotlin.concurrent.thread

class RunningLoopTest :
    FunSpec({
        afterTest { setEventLoop(null) }

        test("outside a loop there is no running one, even if one is set") {
            setEventLoop(VirtualClock().newLoop())
            getRunningLoopOrNull() shouldBe null
            shouldThrow<IllegalStateException> { getRunningLoop() }.message shouldContain "no running event loop"
        }

        test("inside a loop, both ask for the loop that is running, whatever is set") {
            val loop = VirtualClock().newLoop()
            val other = VirtualClock().newLoop()
            setEventLoop(other)
            loop.runUntilComplete {
                getRunningLoop() shouldBeSameInstanceAs loop
                getRunningLoopOrNull() shouldBeSameInstanceAs loop
                getEventLoop() shouldBeSameInstanceAs loop
                setEventLoop(null)
                getEventLoop() shouldBeSameInstanceAs loop
                setEventLoop(other)
            }
            getRunningLoopOrNull() shouldBe null
            getEventLoop() shouldBeSameInstanceAs other
        }

        test("a callback knows the running loop as a task does") {
            val loop = VirtualClock().newLoop()
            val seen = mutableListOf<EventLoop>()
            loop.callSoon { seen += getRunningLoop() }
            loop.runUntilComplete { seen += getRunningLoop() }
            seen shouldContainExactly listOf(loop, loop)
        }

        test("getEventLoop never makes a loop") {
            val error = shouldThrow<IllegalStateException> { getEventLoop() }
            error.message shouldContain "there is no current event loop in thread '${Thread.currentThread().name}'"
        }

        test("the current loop is set, replaced and unset") {
            val loop = VirtualClock().newLoop()
            setEventLoop(loop)
            getEventLoop() shouldBeSameInstanceAs loop
            val other = VirtualClock().newLoop()
            setEventLoop(other)
            getEventLoop() shouldBeSameInstanceAs other
            setEventLoop(null)
            shouldThrow<IllegalStateException> { getEventLoop() }
        }

        test("a new loop is not made current") {
            val loop = newEventLoop()
            shouldThrow<IllegalStateException> { getEventLoop() }
            newEventLoop() shouldNotBeSameInstanceAs loop
            loop.close()
        }

        test("each thread has its own loops") {
            val loop = VirtualClock().newLoop()
            setEventLoop(loop)
            val seen = mutableListOf<EventLoop?>()
            loop.runUntilComplete {
                thread {
                    seen += getRunningLoopOrNull()
                    shouldThrow<IllegalStateException> { getEventLoop() }
                    val own = VirtualClock().newLoop()
                    setEventLoop(own)
                    own.runUntilComplete { seen += getRunningLoop() }
                    seen += own
                }.join()
                seen += getRunningLoop()
            }
            seen[0] shouldBe null
            seen[1] shouldBeSameInstanceAs seen[2]
            seen[3] shouldBeSameInstanceAs loop
            getEventLoop() shouldBeSameInstanceAs loop
        }
    })
