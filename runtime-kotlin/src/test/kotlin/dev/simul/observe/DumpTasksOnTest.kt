// SPDX-License-Identifier: Apache-2.0
package dev.simul.observe

import dev.simul.IgnoredSignals
import dev.simul.createTask
import dev.simul.loop.EventLoop
import dev.simul.loop.removeSignalHandler
import dev.simul.net.onLoop
import dev.simul.net.until
import dev.simul.sleep
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.core.test.Enabled
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldStartWith
import sun.misc.Signal
import java.io.ByteArrayOutputStream
import java.io.PrintStream
import kotlin.time.Duration
import kotlin.time.Duration.Companion.hours
import kotlin.time.Duration.Companion.minutes
import kotlin.time.TimeSource

/** Does nothing to a JVM without a handler. */
private const val HARMLESS = "URG"

class DumpTasksOnTest :
    FunSpec({
        class Dump : ByteArrayOutputStream() {
            val stream = PrintStream(this, true)

            /** A dump is one print, whose end is the end of a line. */
            val isThere: Boolean get() = toString().endsWith("\n")
        }

        /** Raises the signal on a loop with two tasks, [awaits] its dump, and returns that. */
        suspend fun dumpOf(
            loop: EventLoop,
            awaits: suspend (Dump) -> Unit,
        ): String {
            val dump = Dump()
            loop.dumpTasksOn(HARMLESS, dump.stream)
            val waiting = createTask(name = "waits") { sleep(1.hours) }
            sleep(Duration.ZERO)
            Signal.raise(Signal(HARMLESS))
            awaits(dump)
            waiting.cancel()
            return dump.toString()
        }

        val signalling = IgnoredSignals.obstacle?.let(Enabled::disabled) ?: Enabled.enabled

        test("a signal has the tasks printed by the loop").config(enabledOrReasonIf = { signalling }) {
            onLoop { loop ->
                val dump = dumpOf(loop) { until { it.isThere } }
                dump shouldStartWith "2 tasks of <EventLoop"
                dump shouldContain "* Task(name='waits', id=0x"
                loop.removeSignalHandler(HARMLESS) shouldBe true
            }
        }

        test("also while a task keeps the loop busy: it is read as it is, with the stack").config(enabledOrReasonIf = { signalling }) {
            onLoop { loop ->
                val dump =
                    dumpOf(loop) {
                        val begin = TimeSource.Monotonic.markNow()
                        while (!it.isThere && begin.elapsedNow() < 1.minutes) Thread.onSpinWait()
                    }
                dump shouldStartWith "The loop has not answered for 200 ms; what follows was read while it ran. It is busy in thread '"
                dump shouldContain "(DumpTasksOnTest.kt:"
                dump shouldContain "* Task(name='waits', id=0x"
            }
        }

        test("and while the loop does not run").config(enabledOrReasonIf = { signalling }) {
            EventLoop().use { loop ->
                val dump = Dump()
                loop.dumpTasksOn(HARMLESS, dump.stream)
                Signal.raise(Signal(HARMLESS))
                val begin = TimeSource.Monotonic.markNow()
                while (!dump.isThere && begin.elapsedNow() < 1.minutes) Thread.sleep(1)
                dump.toString() shouldStartWith "The loop does not run."
                dump.toString() shouldContain "0 tasks of <EventLoop"
            }
        }

        test("a signal that no program can catch is refused, and so is any on a closed loop") {
            val loop = EventLoop()
            shouldThrow<IllegalStateException> { loop.dumpTasksOn("KILL") }.message shouldContain "cannot be caught"
            shouldThrow<IllegalArgumentException> { loop.dumpTasksOn("NOVEL") }
            loop.close()
            shouldThrow<IllegalStateException> { loop.dumpTasksOn(HARMLESS) }
        }
    })
