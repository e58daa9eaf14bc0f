package dev.simul.loop

/** What the ready queue holds: something to run once, in its turn. It deals with its own exceptions. */
internal fun interface Callback {
    fun run()

    /** The loop has closed before its turn came: somebody outside may wait for what it would have said. */
    fun dropped() {}

    /** [run] was cut short by [error], the overflow of the stack say, and that error leaves the loop. On a stack with room. */
    fun cutShort(error: Throwable) {}
}
