package dev.simul.loop

/**
 * How a loop waits for the world: one of its two seams, the other being [Clock].
 *
 * Source: the selector of `asyncio.SelectorEventLoop`.
 */
public interface Poller {
    /**
     * Waits until something happened, [wakeup] was called or [timeoutNanos] have passed.
     *
     * Zero looks without waiting, a negative number waits without a limit. Returning early is allowed.
     *
     * @throws InterruptedException if the thread was interrupted; the loop then stops running and passes it on.
     */
    public fun poll(timeoutNanos: Long)

    /** Makes the current or the next [poll] return at once; called from any thread. */
    public fun wakeup()

    /** Releases what the poller holds; called once, when its loop closes. */
    public fun close()
}
