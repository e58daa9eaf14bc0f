package dev.simul.context

/**
 * Where a thread keeps the [Context] that is current on it, and on whose behalf it runs.
 *
 * Variables read and write the context of the seat. A loop has a seat of its own, which the thread that runs it takes, and
 * has its callbacks [occupy] it one after the other.
 */
internal class Seat {
    private var ownContext = Context()

    /** Whether the context is the occupant's, so that a step need not store it too. */
    private var isOccupants = false

    /** A task's step while it runs; null in a plain callback. */
    @JvmField
    var occupant: Occupant? = null

    var context: Context
        get() = if (isOccupants) occupant!!.variables else ownContext
        set(value) {
            if (ownContext !== value) ownContext = value
            isOccupants = false
        }

    /** What [context] holds, which need not be made for that. */
    val bindings: Bindings get() = if (isOccupants) occupant!!.bindings else ownContext.bindings

    private var base = ownContext
    private var depth = 0

    /** Makes [context] the one that is current between the callbacks. */
    fun settle(context: Context) {
        base = context
        vacate()
    }

    /** Forgets the last callback, which is gone. */
    fun vacate() {
        context = base
        if (occupant != null) occupant = null
    }

    /**
     * Runs [block] with [newContext] as the current one, on behalf of [newOccupant].
     *
     * When it ends, what was before comes back, if this is nested in another callback. If it is not, the seat is left as it is:
     * the next callback changes it anyway, and storing references is most of what a step costs.
     */
    inline fun occupy(
        newContext: Context,
        newOccupant: Occupant?,
        block: () -> Unit,
    ) {
        val outerOccupant = occupant
        val outerContext = if (depth > 0) context else null
        newContext.enter(this)
        begin(newOccupant)
        try {
            block()
        } finally {
            newContext.leave()
            if (end()) {
                occupant = outerOccupant
                context = outerContext!!
            }
        }
    }

    /** As the other [occupy], with [newOccupant]'s own context. */
    inline fun occupy(
        newOccupant: Occupant,
        block: () -> Unit,
    ) {
        val outerOccupant = occupant
        val outerContext = if (depth > 0) context else null
        val newContext = newOccupant.variablesOrNull
        if (newContext != null && hasEntered(newContext)) throw newContext.alreadyEntered()
        val marked = outerContext != null && mark(outerContext)
        begin(newOccupant)
        isOccupants = true
        try {
            block()
        } finally {
            if (end()) {
                occupant = outerOccupant
                context = outerContext!!
                if (marked) outerContext.leave()
            }
        }
    }

    /** Whether [someContext] is the current one, or waits below it: it cannot be entered then. */
    fun hasEntered(someContext: Context): Boolean = someContext.entered || (depth > 0 && context === someContext)

    /** Another context is entered above [outerContext], that of a step perhaps. Returns whether that had not been said of it. */
    fun mark(outerContext: Context): Boolean {
        if (depth == 0 || outerContext.entered) return false
        outerContext.entered = true
        return true
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

    /** Whether a callback runs here now. */
    val isOccupied: Boolean get() = depth > 0

    /** Whether [someone] runs here now, rather than being the last one that did. */
    fun isOccupiedBy(someone: Any): Boolean = depth > 0 && occupant === someone

    fun begin(newOccupant: Occupant?) {
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

/** On whose behalf a seat's thread can run. */
internal interface Occupant {
    /** The context variables it runs with. */
    val variables: Context

    /** As [variables], unless it is still to be made: then it cannot have been entered. */
    val variablesOrNull: Context?

    /** What [variables] holds, or will hold when it is made. */
    val bindings: Bindings
}
