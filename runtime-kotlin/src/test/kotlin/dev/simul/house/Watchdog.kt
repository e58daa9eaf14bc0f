// SPDX-License-Identifier: Apache-2.0
package dev.simul.house

import org.junit.platform.engine.TestExecutionResult
import org.junit.platform.launcher.TestExecutionListener
import org.junit.platform.launcher.TestIdentifier
import org.junit.platform.launcher.TestPlan
import java.io.FileDescriptor
import java.io.FileOutputStream
import java.io.PrintStream
import java.util.concurrent.locks.ReentrantLock
import kotlin.concurrent.withLock
import kotlin.time.Duration
import kotlin.time.Duration.Companion.minutes
import kotlin.time.TimeSource

/**
 * Keeps a test from hanging in silence: when a test has been running for [warnAfter] it prints its name and what all threads are
 * doing, once, and after [haltAfter] it halts the JVM, by which the build fails.
 *
 * The JUnit Platform finds it by `META-INF/services`, in every module that has the runtime's tests on its class path. Tests run
 * one after the other, so what counts is the time since any has begun or ended; that covers what runs around tests as well.
 */
class Watchdog internal constructor(
    private val warnAfter: Duration,
    private val haltAfter: Duration,
    private val tell: (String) -> Unit,
    private val halt: () -> Unit,
) : TestExecutionListener {
    /** As the platform makes it. */
    constructor() : this(2.minutes * Soak.patience, 5.minutes * Soak.patience, ::tellOnStderr, { Runtime.getRuntime().halt(1) })

    private val lock = ReentrantLock()
    private val changed = lock.newCondition()
    private val underWay = LinkedHashMap<String, String>()
    private var lastChange = TimeSource.Monotonic.markNow()
    private var hasWarned = false
    private var watching: Thread? = null

    override fun testPlanExecutionStarted(plan: TestPlan) {
        latest = this
        begin()
    }

    override fun testPlanExecutionFinished(plan: TestPlan) = end()

    internal fun begin() = change { watching = Thread(::watch, "watchdog").also { it.isDaemon = true }.also { it.start() } }

    internal fun end() = change { watching = null }

    override fun executionStarted(test: TestIdentifier) = change { underWay[test.uniqueId] = test.displayName }

    override fun executionFinished(
        test: TestIdentifier,
        result: TestExecutionResult,
    ) = change { underWay.remove(test.uniqueId) }

    private fun change(what: () -> Unit) =
        lock.withLock {
            what()
            lastChange = TimeSource.Monotonic.markNow()
            hasWarned = false
            changed.signalAll()
        }

    private fun watch() {
        while (true) (nextDeed() ?: return)()
    }

    /** Waits until there is something to do; null if it is over. */
    private fun nextDeed(): (() -> Unit)? {
        lock.withLock {
            while (watching === Thread.currentThread()) {
                val left = (if (hasWarned) haltAfter else warnAfter) - lastChange.elapsedNow()
                if (left.isPositive()) {
                    changed.awaitNanos(left.inWholeNanoseconds)
                } else {
                    val test = underWay.values.joinToString(" > ")
                    if (hasWarned) watching = null
                    return if (hasWarned) ({ giveUp(test) }) else ({ warn(test) }).also { hasWarned = true }
                }
            }
        }
        return null
    }

    private fun warn(test: String) = tell("WATCHDOG: $test has been running for $warnAfter; this is what all threads do\n\n${threadDump()}")

    private fun giveUp(test: String) {
        tell("WATCHDOG: $test has been running for $haltAfter, and the JVM is halted")
        halt()
    }

    internal fun underWay(): List<String> = lock.withLock { underWay.values.toList() }
}

@Volatile
private var latest: Watchdog? = null

/** What the platform's own watchdog watches at present: an engine, and what is under way there, down to a test. */
fun watchedTests(): List<String> = latest?.underWay().orEmpty()

/** Not by `System.err`, which tests replace, and whose text might not get through before the JVM halts. */
private fun tellOnStderr(text: String) = PrintStream(FileOutputStream(FileDescriptor.err), true).println(text)
