// SPDX-License-Identifier: Apache-2.0
package dev.simul.loop

/**
 * A message of another thread to a loop, sent once, that a caller in the loop waits for.
 *
 * It is made, with its place in the loop's inbox, before that thread begins its work: so [tell] allocates nothing, and cannot fail if the
 * work has used up the memory.
 */
internal abstract class News(
    protected val loop: EventLoop,
) : Callback {
    private val place = Inbox.Place(this)

    /** Makes the loop [hear] it, unless the loop is closed. If an error comes out of this, the caller calls it again. */
    fun tell() = loop.handIn(place)

    /** Delivers the message, in the loop; called once more if an error struck it. */
    protected abstract fun hear()

    final override fun run() = loop.current.runDetached { hear() }

    final override fun cutShort(error: Throwable): Boolean {
        run()
        return true
    }
}
