// SPDX-License-Identifier: Apache-2.0
package dev.simul.loop

import java.lang.ref.ReferenceQueue
import java.lang.ref.WeakReference
import java.util.concurrent.ConcurrentHashMap
import java.util.function.Supplier

/**
 * The loops of this JVM that have run and are not closed, for those that look at them from outside. It keeps no loop alive.
 *
 * Once a loop has lived for a second, [FROM_OUTSIDE] is called: programs that live shorter do not pay for that. What it has registered keeps
 * the classes of this library alive, so that is taken back once no loop has run for long and none is open; for a later loop it is called
 * again.
 */
internal object OpenLoops {
    private class Entry(
        loop: EventLoop,
        val number: Int,
    ) : WeakReference<EventLoop>(loop, collected) {
        val begunAt = System.nanoTime()
    }

    private val entries = ConcurrentHashMap<Int, Entry>()
    private val collected = ReferenceQueue<EventLoop>()
    private var lastNumber = 0

    /** Whether [FROM_OUTSIDE] was called, or is not wanted. */
    private var isCalled = isOff()

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
    }

    fun remove(loop: EventLoop) {
        if (loop.number == 0) return
        entries.remove(loop.number)
        if (isUnused) endShowing()
    }

    /** Shows the loops to other processes, if one of them has lived for long enough. It may take a processor for some hundred milliseconds. */
    fun show() {
        if (!isTimeToShow()) return
        val shown = runFromOutside() ?: return // Outside of the lock: this calls those that listen to the MBean server.
        synchronized(this) { this.shown = shown }
    }

    @Synchronized
    private fun isTimeToShow(): Boolean {
        if (isCalled) return false
        val now = System.nanoTime()
        isCalled = entries.values.any { now - it.begunAt >= LONG_ENOUGH_NANOS }
        return isCalled
    }

    /** No loop has run for long. */
    fun endShowing() {
        noLongerShown()?.close() // Outside of the lock, as in show.
    }

    @Synchronized
    private fun noLongerShown(): AutoCloseable? {
        forgetCollected()
        isUnused = true
        if (entries.isNotEmpty()) return null
        if (shown != null) isCalled = false
        return shown.also { shown = null }
    }

    private fun forgetCollected() {
        while (true) entries.remove((collected.poll() as Entry? ?: return).number)
    }

    /** By its name, since it lies in a layer above; a native image does not have it. */
    private fun runFromOutside(): AutoCloseable? =
        try {
            (Class.forName(FROM_OUTSIDE).getField("INSTANCE").get(null) as Supplier<*>).get() as AutoCloseable?
        } catch (_: ReflectiveOperationException) {
            null
        } catch (_: LinkageError) {
            null
        }

    private fun isOff() = (System.getProperty("simul.jmx") ?: System.getenv("SIMUL_JMX"))?.lowercase() in setOf("0", "false")

    private const val FROM_OUTSIDE = "dev.simul.observe.jmx.LateRegistration"
    private const val LONG_ENOUGH_NANOS = 1_000_000_000L
}
