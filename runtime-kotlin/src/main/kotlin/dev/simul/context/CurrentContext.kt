// SPDX-License-Identifier: Apache-2.0
package dev.simul.context

/**
 * The [Context] that is current on a thread, and on whose behalf it runs.
 *
 * Variables read and write the context that is set here. A loop has one of these of its own, which the thread that runs the loop
 * [takes][take]; its callbacks run one after the other by [runAs].
 */
internal open class CurrentContext {
    private var ownContext = Context()

    /** Whether the context is the owner's, so that a step need not store it too. */
    private var isOwners = false

    /** A task's step while it runs; null in a plain callback. */
    @JvmField
    var owner: ContextOwner? = null

    var context: Context
        get() = if (isOwners) owner!!.variables else ownContext
        set(value) {
            if (ownContext !== value) ownContext = value
            isOwners = false
        }

    /** What [context] holds, which need not be made for that. */
    val bindings: Bindings get() = if (isOwners) owner!!.bindings else ownContext.bindings

    private var base = ownContext
    private var depth = 0

    /** Makes [context] the one that is current between the callbacks. */
    fun setBase(context: Context) {
        base = context
        detach()
    }

    /** Forgets the last callback, which is gone. */
    fun detach() {
        context = base
        if (owner != null) owner = null
    }

    /**
     * Runs [block] with [newContext] as the current one, on behalf of [newOwner].
     *
     * When it ends, what was before comes back, if this is nested in another callback. If it is not, this is left as it is:
     * the next callback changes it anyway, and storing references is most of what a step costs.
     */
    inline fun runAs(
        newContext: Context,
        newOwner: ContextOwner?,
        block: () -> Unit,
    ) {
        val outerOwner = owner
        val outerContext = if (depth > 0) context else null
        newContext.enter(this)
        begin(newOwner)
        try {
            block()
        } finally {
            newContext.leave()
            if (end()) {
                owner = outerOwner
                context = outerContext!!
            }
        }
    }

    /** As the other [runAs], with [newOwner]'s own context. */
    inline fun runAs(
        newOwner: ContextOwner,
        block: () -> Unit,
    ) {
        val outerOwner = owner
        val outerContext = if (depth > 0) context else null
        val newContext = newOwner.variablesOrNull
        if (newContext != null && hasEntered(newContext)) throw newContext.alreadyEntered()
        val marked = outerContext != null && markEntered(outerContext)
        begin(newOwner)
        isOwners = true
        try {
            block()
        } finally {
            if (end()) {
                owner = outerOwner
                context = outerContext!!
                if (marked) outerContext.leave()
            }
        }
    }

    /** Whether [someContext] is the current one, or waits below it: it cannot be entered then. */
    fun hasEntered(someContext: Context): Boolean = someContext.entered || (depth > 0 && context === someContext)

    /** Another context is entered above [outerContext], that of a step perhaps. Returns whether that had not been said of it. */
    fun markEntered(outerContext: Context): Boolean {
        if (depth == 0 || outerContext.entered) return false
        outerContext.entered = true
        return true
    }

    /** Runs [block] on behalf of nobody, with the context that is current between the callbacks; not nested. */
    inline fun runDetached(block: () -> Unit) {
        detach()
        begin(null)
        try {
            block()
        } finally {
            end()
        }
    }

    /** Whether a callback runs here now. */
    val isActive: Boolean get() = depth > 0

    /** Whether [someone] runs here now, rather than being the last one that did. */
    fun isOwnedBy(someone: Any): Boolean = depth > 0 && owner === someone

    fun begin(newOwner: ContextOwner?) {
        if (owner !== newOwner) owner = newOwner
        depth++
    }

    /** Returns whether another callback goes on. */
    fun end(): Boolean = --depth > 0

    companion object {
        private val ofThreads = ThreadLocal<CurrentContext?>()

        /** The current of the calling thread; a thread that never asked before gets one with an empty context. */
        @JvmStatic
        fun current(): CurrentContext = ofThreads.get() ?: CurrentContext().also(::take)

        /** As [current], or null if the thread has none. */
        fun currentOrNull(): CurrentContext? = ofThreads.get()

        /** Makes [current] that of the calling thread too, until it [leave]s it; only one of its threads may run at a time. */
        fun take(current: CurrentContext) = ofThreads.set(current)

        /** Leaves the calling thread without one; it gets one with an empty context when it asks again. */
        fun leave() = ofThreads.remove()
    }
}

/** On whose behalf code can run. */
internal interface ContextOwner {
    /** The context variables it runs with. */
    val variables: Context

    /** As [variables], unless it is still to be made: then it cannot have been entered. */
    val variablesOrNull: Context?

    /** What [variables] holds, or will hold when it is made. */
    val bindings: Bindings
}
