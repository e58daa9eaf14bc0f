// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.gallery

import dev.simul.facade.Action
import dev.simul.facade.Asyncio
import dev.simul.loop.EventLoop
import dev.simul.testing.VirtualClock
import java.time.ZonedDateTime
import java.util.concurrent.Callable
import kotlin.time.Duration
import kotlin.time.Duration.Companion.nanoseconds
import kotlin.time.toJavaDuration
import kotlin.time.toKotlinDuration
import dev.simul.facade.EventLoop as JavaLoop
import dev.simul.facade.VirtualClock as JavaClock
import dev.simul.run as runLoop

/**
 * Where a program of the gallery is performed: on the machine's time, or at once, on a virtual one.
 *
 * One program at a time has the stage. It calls [run] and [Time] of this package where it would call `dev.simul.run` and the clock.
 */
internal sealed class Stage {
    /** A loop on this stage's time, which who asks for it closes. */
    abstract fun newLoop(): EventLoop

    /** As [newLoop], for Java. */
    abstract fun newJavaLoop(): JavaLoop

    /** The date and the time of day. */
    abstract fun now(): ZonedDateTime

    /** The time since some moment. */
    abstract fun elapsed(): Duration

    /** Blocks the thread. */
    abstract fun sleep(duration: Duration)

    internal companion object {
        private var current: Stage = MachineTime()

        /** Performs [program] at once if [fast]; it finds that it [startsAt] that time then. A clock has the [patience] it needs. */
        fun perform(
            fast: Boolean,
            startsAt: ZonedDateTime,
            patience: Duration,
            program: () -> Unit,
        ) {
            current = if (fast) VirtualTime(startsAt, patience) else MachineTime()
            try {
                program()
            } finally {
                current = MachineTime()
            }
        }

        fun get(): Stage = current

        /** `Asyncio.run` of the facade, on the time of the stage. */
        @JvmStatic
        fun <T> run(main: Callable<T>): T = Asyncio.run(null, { get().newJavaLoop() }, main)

        /** `Asyncio.run` of the facade, of a body that returns nothing. */
        @JvmStatic
        fun run(main: Action): Unit = Asyncio.run(null, { get().newJavaLoop() }, main)

        /** `Asyncio.run` of the facade with a debug mode, on the time of the stage. */
        @JvmStatic
        fun <T> run(
            debug: Boolean,
            main: Callable<T>,
        ): T = Asyncio.run(debug, { get().newJavaLoop() }, main)

        /** `Asyncio.run` of the facade with a debug mode, of a body that returns nothing. */
        @JvmStatic
        fun run(
            debug: Boolean,
            main: Action,
        ): Unit = Asyncio.run(debug, { get().newJavaLoop() }, main)

        /** A new loop of the facade on the time of the stage. */
        @JvmStatic
        fun newEventLoop(): JavaLoop = get().newJavaLoop()
    }
}

/** [dev.simul.run], on the time of the stage. */
internal fun <T> run(
    debug: Boolean? = null,
    main: suspend () -> T,
): T = runLoop(debug, { newEventLoop() }, main)

/** A new loop on the time of the stage. */
internal fun newEventLoop(): EventLoop = Stage.get().newLoop()

private class MachineTime : Stage() {
    override fun newLoop() = EventLoop()

    override fun newJavaLoop(): JavaLoop = Asyncio.newEventLoop()

    override fun now(): ZonedDateTime = ZonedDateTime.now()

    override fun elapsed() = System.nanoTime().nanoseconds

    override fun sleep(duration: Duration) = Thread.sleep(duration.inWholeMilliseconds)
}

/** Time that only loops and [sleep] move. Each loop has a clock of its own, which goes on where the one before has stopped. */
private class VirtualTime(
    private val start: ZonedDateTime,
    private val patience: Duration,
) : Stage() {
    private var before = Duration.ZERO
    private var sinceThen: () -> Duration = { Duration.ZERO }
    private var advance: (Duration) -> Unit = { before += it }

    override fun newLoop(): EventLoop {
        val clock = VirtualClock(patience)
        follow({ clock.now }, clock::advance)
        return clock.newLoop()
    }

    override fun newJavaLoop(): JavaLoop {
        val clock = JavaClock(patience.toJavaDuration())
        follow({ clock.now().toKotlinDuration() }, { clock.advance(it.toJavaDuration()) })
        return clock.newLoop()
    }

    private fun follow(
        now: () -> Duration,
        advance: (Duration) -> Unit,
    ) {
        before += sinceThen()
        sinceThen = now
        this.advance = advance
    }

    override fun now(): ZonedDateTime = start + elapsed().toJavaDuration()

    override fun elapsed() = before + sinceThen()

    override fun sleep(duration: Duration) = advance(duration)
}
