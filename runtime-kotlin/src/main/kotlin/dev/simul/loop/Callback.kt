package dev.simul.loop

/** What the ready queue holds: something to run once, in its turn. It deals with its own exceptions. */
internal fun interface Callback {
    fun run()
}
