package dev.simul.bodies

import java.lang.reflect.Field
import java.util.concurrent.SynchronousQueue
import java.util.concurrent.ThreadPoolExecutor
import java.util.concurrent.TimeUnit
import java.util.concurrent.atomic.AtomicInteger

/** The threads of bodies: as many as there are bodies, daemons that end after ten seconds without work. */
internal object BodyThreads : ThreadPoolExecutor(0, Int.MAX_VALUE, 10, TimeUnit.SECONDS, SynchronousQueue()) {
    private val numbers = AtomicInteger()

    init {
        setThreadFactory { work -> BodyThread(work, "simul-body-${numbers.incrementAndGet()}") }
    }

    override fun beforeExecute(
        thread: Thread,
        work: Runnable,
    ) = (thread as BodyThread).forgetLastBody()
}

/** It inherits nothing from the thread that happens to make it. */
private class BodyThread(
    work: Runnable,
    private val givenName: String,
) : Thread(null, work, givenName, 0, false) {
    init {
        isDaemon = true
    }

    fun forgetLastBody() {
        if (name != givenName) name = givenName
        if (priority != NORM_PRIORITY) priority = NORM_PRIORITY
        uncaughtExceptionHandler = null
        threadLocals?.let { fields -> fields.forEach { it.set(this, null) } }
    }

    private companion object {
        /** Where threads keep their [ThreadLocal]s; null if the JVM is not open for it, and they stay. */
        val threadLocals: List<Field>? =
            listOf("threadLocals", "inheritableThreadLocals")
                .map { Thread::class.java.getDeclaredField(it) }
                .takeIf { fields -> fields.all { it.trySetAccessible() } }
    }
}
