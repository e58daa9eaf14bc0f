// SPDX-License-Identifier: Apache-2.0
package dev.simul.loop

import java.lang.ref.ReferenceQueue
import java.lang.ref.WeakReference
import java.util.concurrent.ConcurrentHashMap
import java.util.function.Supplier

/**
 * The loops of this JVM that have run and are not closed, for those that look at them from outside. It keeps no loop alive.
 *
 * Once a loop has lived for about a second, [FROM_OUTSIDE] is called in a daemon thread, which then ends: programs that live shorter do not
 * pay for that. What it has registered keeps the classes of this library alive, so that is taken back once no loop has run for long and none
 * is open; for a later loop it is called again.
 */
internal object OpenLoops {
    private class Entry(
        loop: EventLoop,
        val number: Int,
    ) : WeakReference<EventLoop>(loop, collected)

    private val entries = ConcurrentHashMap<Int, Entry>()
    private val collected = ReferenceQueue<EventLoop>()
    private var lastNumber = 0

    /** Whether the daemon waits for a loop to live long enough, has called [FROM_OUTSIDE], or is not wanted. */
    private var isAwaited = isOff()

    /** Takes back what [FROM_OUTSIDE] has done. */
    private var shown: AutoCloseable? = null

    /** Whether no loop has run for long: then the last one that is closed ends it. */
    @Volatile
    private var isUnused = false

    /** In the order in which they began. */
    val all: List<EventLoop> get() = entries.values.sortedBy { it.number }.mapNotNull { it.get() }

    /** How many it remembers, with those that were collected since a loop last began. */
    val size: Int get() = entries.size

    /** [loop] runs for the first time, and gets its number. */
    @Synchronized
    fun add(loop: EventLoop) {
        forgetCollected()
        val number = lastNumber + 1
        entries[number] = Entry(loop, number)
        lastNumber = number
        loop.number = number
        isUnused = false
        if (!isAwaited) startToWait()
    }

    fun remove(loop: EventLoop) {
        if (loop.number == 0) return
        entries.remove(loop.number)
        if (isUnused) endShowing()
    }

    /** No loop has run for long. */
    fun endShowing() {
        noLongerShown()?.close() // Outside of the lock: this calls those that listen to the MBean server.
    }

    @Synchronized
    private fun noLongerShown(): AutoCloseable? {
        forgetCollected()
        isUnused = true
        if (entries.isNotEmpty()) return null
        if (shown != null) isAwaited = false
        return shown.also { shown = null }
    }

    private fun forgetCollected() {
        while (true) entries.remove((collected.poll() as Entry? ?: return).number)
    }

    /** If there is no thread to be had now, a later loop tries again. */
    private fun startToWait() {
        try {
            startingThread { DaemonThread(THREAD) { waitForOneToLive() }.start() }
            isAwaited = true
        } catch (_: IllegalStateException) {
        } catch (_: OutOfMemoryError) {
        }
    }

    /** An interrupt ends it: tools that run a program in their own JVM make an end so. */
    private fun waitForOneToLive() {
        do {
            val newest = newestNumber()
            try {
                Thread.sleep(LONG_ENOUGH_MILLIS)
            } catch (_: InterruptedException) {
                return waitsNoLonger()
            }
            if (entries.keys.any { it <= newest }) return runFromOutside()
        } while (!endIfEmpty())
    }

    @Synchronized
    private fun waitsNoLonger() {
        isAwaited = false
    }

    @Synchronized
    private fun newestNumber() = lastNumber

    @Synchronized
    private fun endIfEmpty(): Boolean = entries.isEmpty().also { if (it) isAwaited = false }

    /** By its name, since it lies in a layer above; a native image does not have it. */
    private fun runFromOutside() {
        try {
            val shown = (Class.forName(FROM_OUTSIDE).getField("INSTANCE").get(null) as Supplier<*>).get() as AutoCloseable?
            synchronized(this) { this.shown = shown }
        } catch (_: ReflectiveOperationException) {
        } catch (_: LinkageError) {
        }
    }

    private fun isOff() = (System.getProperty("simul.jmx") ?: System.getenv("SIMUL_JMX"))?.lowercase() in setOf("0", "false")

    /** The daemon's name. */
    const val THREAD = "simul-observer"
    private const val FROM_OUTSIDE = "dev.simul.observe.jmx.LateRegistration"
    private const val LONG_ENOUGH_MILLIS = 1_000L
}
