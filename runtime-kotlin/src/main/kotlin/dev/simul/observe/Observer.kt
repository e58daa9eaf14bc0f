// SPDX-License-Identifier: Apache-2.0
package dev.simul.observe

import dev.simul.bodies.nameThreadsOfBodies
import dev.simul.loop.DaemonThread
import dev.simul.loop.EventLoop
import dev.simul.loop.LoopObserver
import dev.simul.loop.OpenLoops
import dev.simul.loop.areStepsObservedBy
import dev.simul.loop.isWantOfThreads
import dev.simul.loop.logger
import dev.simul.loop.observeSteps
import dev.simul.loop.stopObservingSteps
import java.util.concurrent.ConcurrentHashMap
import java.util.concurrent.locks.LockSupport

/**
 * The thread that observes all loops of this JVM: it samples what they run, for the [watchdog][WatchedLoop] and for [TaskTimes] and
 * [TaskAges], names the threads of bodies, begins to listen for [FlightRecordings], and shows [OpenLoops] to other processes.
 *
 * It sleeps once all loops have been idle for [LINGER_NANOS]; the first that is no longer idle wakes it, so that happens at most about once
 * a second. If no loop has run for ten seconds, it ends, and with it whatever would keep the class loader of this library alive.
 *
 * It is there for the program's sake: whatever goes wrong here, loops run as without it.
 */
internal object Observer : LoopObserver() {
    private val watched = ConcurrentHashMap.newKeySet<WatchedLoop>()
    private val madeAt = System.nanoTime()

    @Volatile
    private var thread: Thread? = null

    /** Whether a loop has begun to run since the thread looked last. */
    @Volatile
    private var hasBegun = false

    /** Until when, by the machine's clock, loops time their steps. */
    @Volatile
    private var exactUntil = System.nanoTime()

    val isExact: Boolean get() = exactUntil - System.nanoTime() > 0

    // Called by the loops' threads.

    override fun began(loop: EventLoop) {
        guarded { watch(loop) }
        guarded { FlightRecordings.began(loop) }
        guarded(::attend) // If there is no thread to be had, loops run without being observed, until one begins when there is.
    }

    private fun watch(loop: EventLoop) {
        val now = tick()
        val it = WatchedLoop[loop]
        it.isRunning = true
        watched.add(it)
        hasBegun = true
        it.ages.sample(now)
        if (isExact) loop.observeSteps(TaskTimes)
    }

    override fun ended(loop: EventLoop) {
        guarded {
            val it = WatchedLoop.orNull(loop) ?: return
            it.isRunning = false
            if (thread == null) watched.remove(it)
            if (isAsleep) wake()
        }
    }

    override fun wake() {
        tick()
        isAsleep = false
        LockSupport.unpark(thread)
    }

    private fun attend() {
        if (thread == null) {
            startThread()
        } else if (isAsleep) {
            wake()
        }
    }

    @Synchronized
    private fun startThread() {
        if (thread == null) thread = DaemonThread(NAME) { run() }.apply { start() }
    }

    // Called by any thread.

    /** For the next [nanos], [TaskTimes] are exact, at the cost of two readings of the clock for each callback. */
    fun timeExactly(nanos: Long) {
        exactUntil = System.nanoTime() + nanos
        for (it in watched) it.loop.observeSteps(TaskTimes)
        if (isAsleep) wake()
    }

    /** Advances [ticks], and returns the machine's time. */
    private fun tick(): Long {
        val now = System.nanoTime()
        ticks = 1 + ((now - madeAt) / TICK_NANOS).toInt()
        return now
    }

    /** The machine's time at which [ticks] came to [tick]. */
    fun timeOf(tick: Int): Long = madeAt + (tick - 1) * TICK_NANOS

    // Its own thread.

    private fun run() {
        try {
            while (observeOnce()) continue
        } finally {
            end()
        }
        // Outside of the lock: this calls the JVM, which may call others.
        guarded(FlightRecordings::endListening)
        guarded(OpenLoops::endShowing)
    }

    /** Until all loops have been idle, and one wakes it; returns false if none has run for long, and the thread is to end. */
    private fun observeOnce(): Boolean {
        try {
            isAsleep = false
            observeUntilIdle()
            return sleep()
        } catch (_: InterruptedException) {
            return false
        } catch (e: Throwable) {
            failed(e) // For want of memory, say.
            LockSupport.parkNanos(this, LONGEST_PAUSE_NANOS)
            return true
        }
    }

    /** An interrupt ends the thread while no loop runs: tools that run a program in their own JVM make an end so. */
    private fun rest(nanos: Long = WITHOUT_LIMIT) {
        if (nanos == WITHOUT_LIMIT) LockSupport.park(this) else LockSupport.parkNanos(this, nanos)
        if (Thread.interrupted() && watched.none { it.isRunning }) throw InterruptedException()
    }

    private fun observeUntilIdle() {
        var before = System.nanoTime()
        var lastBusy = before
        var nextNaming = before + NAME_EVERY_NANOS
        while (true) {
            val pause = watched.minOfOrNull { it.pauseNanos } ?: LONGEST_PAUSE_NANOS
            val parked = System.nanoTime()
            rest(pause)
            val now = tick()
            // If this was late, so was the whole process: stopped, throttled or collecting.
            val late = (now - parked - pause).takeIf { it > pause } ?: 0
            val isNew = hasBegun
            if (isNew) hasBegun = false
            if (sampleAll(now, now - before, late) || isNew) lastBusy = now
            before = now
            val isOver = now - lastBusy > LINGER_NANOS && !isExact
            if (isOver || now - nextNaming >= 0) {
                nextNaming = nameThreads()
                guarded(FlightRecordings::listen)
                guarded(OpenLoops::show)
            }
            if (isOver) return
        }
    }

    /** Returns whether any loop was busy. */
    private fun sampleAll(
        now: Long,
        elapsed: Long,
        late: Long,
    ): Boolean {
        var isAnyBusy = false
        val isExact = isExact
        for (it in watched) {
            val isOver = !it.isRunning // Its last step is looked at once more.
            guarded { if (it.sample(elapsed, late)) isAnyBusy = true }
            it.ages.sample(now)
            if (!isExact && it.loop.areStepsObservedBy(TaskTimes)) it.loop.stopObservingSteps(TaskTimes)
            if (isOver) forget(it)
        }
        return isAnyBusy
    }

    private fun forget(it: WatchedLoop) {
        watched.remove(it)
        if (it.isRunning) watched.add(it) // It has begun again meanwhile.
    }

    /** Names the threads, and returns when to do so next: not so soon that it would take more than a hundredth of the time. */
    private fun nameThreads(): Long {
        val begin = System.nanoTime()
        for (it in watched) guarded { nameThreadsOfBodies(it.loop) }
        val end = System.nanoTime()
        return end + maxOf(NAME_EVERY_NANOS, 100 * (end - begin))
    }

    /** Sleeps until a loop wakes this. Returns false if none has run for long, and the thread is to end. */
    private fun sleep(): Boolean {
        isAsleep = true
        // A loop that leaves its poll now may not see that yet; whatever it has written before it looked can be seen a moment later.
        rest(SETTLE_NANOS)
        if (hasBegun || watched.any { it.isBusy || !it.isRunning }) isAsleep = false
        while (isAsleep) {
            if (watched.isNotEmpty()) {
                rest()
            } else {
                rest(LIVE_ON_NANOS)
                if (isAsleep && endIfUnused()) return false
            }
        }
        return true
    }

    private fun endIfUnused(): Boolean {
        if (watched.isNotEmpty()) return false
        end()
        // A loop that has begun meanwhile may have seen this thread: loops write what is watched, then read the thread; this does the reverse.
        if (watched.isNotEmpty()) startThread()
        return true
    }

    /** From now on, the next loop that begins starts another thread. Those that run now are not observed until then. */
    @Synchronized
    private fun end() {
        if (thread !== Thread.currentThread()) return // It has ended already.
        thread = null
        isAsleep = false
        watched.removeIf { !it.isRunning }
    }

    @Volatile
    private var hasFailed = false

    /** An error, in the program's logger say, must end neither the thread nor a loop; the first one is logged. */
    private inline fun guarded(block: () -> Unit) {
        try {
            block()
        } catch (e: Throwable) {
            failed(e)
        }
    }

    private fun failed(e: Throwable) {
        if (hasFailed) return
        try {
            if (e.isWantOfThreads) return
            hasFailed = true
            logger.warn("The watchdog could not look at a loop", e)
        } catch (_: Throwable) {
        }
    }

    const val NAME = "simul-watchdog"
    const val LONGEST_PAUSE_NANOS = 250_000_000L
    private const val LINGER_NANOS = 1_000_000_000L
    private const val NAME_EVERY_NANOS = 1_000_000_000L
    private const val WITHOUT_LIMIT = Long.MAX_VALUE
    private const val SETTLE_NANOS = 1_000_000L
    private const val LIVE_ON_NANOS = 10_000_000_000L
}
