// SPDX-License-Identifier: Apache-2.0
package dev.simul.loop

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

    /** Has the loop hear of it, unless that is closed. If an error comes out of this, it is to be called again. */
    fun tell() = loop.handIn(place)

    /** The loop hears of it; if an error has struck this on its way, once more. */
    protected abstract fun hear()

    final override fun run() = loop.current.runDetached { hear() }

    final override fun cutShort(error: Throwable): Boolean {
        run()
        return true
    }
}
