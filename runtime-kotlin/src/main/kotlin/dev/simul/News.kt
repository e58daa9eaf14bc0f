package dev.simul

import dev.simul.loop.Callback
import dev.simul.loop.EventLoop
import dev.simul.loop.Inbox
import dev.simul.loop.surely

/**
 * What another thread has to tell a loop, once, and somebody there waits for.
 *
 * It is made, with its place in the loop's inbox, before that thread begins its work: so to [tell] takes no memory, and cannot fail when
 * the work has left none.
 */
internal abstract class News(
    protected val loop: EventLoop,
) : Callback {
    private val place = Inbox.Place(this)

    /** Has the loop hear of it; by the other thread. Nobody does if the loop is closed. */
    fun tell() {
        surely { loop.handIn(place) }
    }

    /** The loop hears of it: whatever has struck this on its way, it is called once more. */
    protected abstract fun hear()

    final override fun run() = loop.seat.vacantly { hear() }

    final override fun cutShort(error: Throwable): Boolean {
        run()
        return true
    }
}
