package dev.simul.loop

import java.util.concurrent.atomic.AtomicBoolean
import java.util.concurrent.locks.LockSupport

/** A poller for loops that wait for timers and other threads alone: it parks the loop's thread. */
public class ParkingPoller : Poller {
    private val awake = AtomicBoolean()

    @Volatile
    private var parked: Thread? = null

    override fun poll(timeoutNanos: Long) {
        if (timeoutNanos == 0L) return
        parked = Thread.currentThread()
        try {
            if (!awake.get()) park(timeoutNanos)
        } finally {
            parked = null
        }
        awake.set(false)
        if (Thread.interrupted()) throw InterruptedException("the thread of a running event loop was interrupted")
    }

    private fun park(timeoutNanos: Long) {
        if (timeoutNanos < 0) LockSupport.park(this) else LockSupport.parkNanos(this, timeoutNanos)
    }

    override fun wakeup() {
        if (!awake.getAndSet(true)) LockSupport.unpark(parked)
    }

    override fun close() {}
}
