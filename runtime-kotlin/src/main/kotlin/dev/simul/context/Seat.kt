package dev.simul.context

/**
 * Where a thread keeps the [Context] that is current on it, and on whose behalf it runs.
 *
 * Variables read and write the context of the seat. A loop has a seat of its own, which the thread that runs it takes, and
 * has its callbacks [occupy] it one after the other.
 */
internal class Seat {
    @JvmField
    var context: Context = Context()

    /** A task's step while it runs; null in a plain callback. */
    @JvmField
    var occupant: Any? = null

    private var base = context
    private var depth = 0

    /** Makes [context] the one that is current between the callbacks. */
    fun settle(context: Context) {
        base = context
        vacate()
    }

    /** Forgets the last callback, which is gone. */
    fun vacate() {
        context = base
        occupant = null
    }

    /**
     * Runs [block] with [newContext] as the current one, on behalf of [newOccupant].
     *
     * When it ends, what was before comes back, if this is nested in another callback. If it is not, the seat is left as it is:
     * the next callback changes it anyway, and storing references is most of what a step costs.
     */
    inline fun occupy(
        newContext: Context,
        newOccupant: Any?,
        block: () -> Unit,
    ) {
        val outerOccupant = occupant
        val outerContext = newContext.enter(this)
        begin(newOccupant)
        try {
            block()
        } finally {
            newContext.leave()
            if (end()) {
                occupant = outerOccupant
                context = outerContext
            }
        }
    }

    /** Runs [block] on behalf of nobody, with the context that is current between the callbacks; not nested. */
    inline fun vacantly(block: () -> Unit) {
        vacate()
        begin(null)
        try {
            block()
        } finally {
            end()
        }
    }

    /** Whether [someone] runs here now, rather than being the last one that did. */
    fun isOccupiedBy(someone: Any): Boolean = depth > 0 && occupant === someone

    fun begin(newOccupant: Any?) {
        if (occupant !== newOccupant) occupant = newOccupant
        depth++
    }

    /** Returns whether another callback goes on. */
    fun end(): Boolean = --depth > 0

    companion object {
        private val seats = ThreadLocal.withInitial { Seat() }

        /** The seat of the calling thread; a thread that never asked before gets one with an empty context. */
        @JvmStatic
        fun current(): Seat = seats.get()

        /** Makes [seat] that of the calling thread too, until it [leave]s it; only one of its threads may run at a time. */
        fun take(seat: Seat) = seats.set(seat)

        /** Leaves the calling thread without a seat; it gets one with an empty context when it asks again. */
        fun leave() = seats.remove()
    }
}
