// SPDX-License-Identifier: Apache-2.0
package dev.simul.context

/**
 * The [Context] that is current on a thread, and the owner that the thread runs for.
 *
 * Variables read and write this context. A loop has a [CurrentContext] of its own, which the thread that runs the loop [takes][take]; its
 * callbacks run one after the other by [runAs].
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

    /** The bindings of [context], which need not be made for this. */
    val bindings: Bindings get() = if (isOwners) owner!!.bindings else ownContext.bindings

    /** The [bindings] of a copy of the [context] that is made now. */
    open val bindingsToCopy: Bindings get() = bindings

    private var base = ownContext
    private var depth = 0

    /** Makes [context] the one that is current between callbacks. */
    fun setBase(context: Context) {
        base = context
        detach()
    }

    /** Forgets the last callback, which has ended. */
    fun detach() {
        context = base
        if (owner != null) owner = null
    }

    /**
     * Runs [block] with [newContext] as the current one, on behalf of [newOwner].
     *
     * If this is nested in another callback, the previous state is restored at the end. If it is not, the state is left as it is: the next
     * callback changes it anyway, and storing references is most of the cost of a step.
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

    /** Whether [someContext] is the current one, or waits below it, so that it cannot be entered. */
    fun hasEntered(someContext: Context): Boolean = someContext.entered || (depth > 0 && context === someContext)

    /** Another context is entered above [outerContext], which may be a step's. Returns whether [outerContext] was not yet marked. */
    fun markEntered(outerContext: Context): Boolean {
        if (depth == 0 || outerContext.entered) return false
        outerContext.entered = true
        return true
    }

    /** Runs [block] without an owner, in the context that is current between callbacks; must not be nested. */
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

    /** Whether [someone] runs here now, rather than being the last owner that did. */
    fun isOwnedBy(someone: Any): Boolean = depth > 0 && owner === someone

    fun begin(newOwner: ContextOwner?) {
        if (owner !== newOwner) owner = newOwner
        depth++
    }

    /** Returns whether another callback continues. */
    fun end(): Boolean = --depth > 0

    companion object {
        private val ofThreads = ThreadLocal<CurrentContext?>()

        /** The calling thread's current context; a thread that has none gets an empty one. */
        @JvmStatic
        fun current(): CurrentContext = ofThreads.get() ?: CurrentContext().also(::take)

        /** As [current], or null if the thread has none. */
        fun currentOrNull(): CurrentContext? = ofThreads.get()

        /** Makes [current] the calling thread's too, until it calls [leave]; only one of its threads may run at a time. */
        fun take(current: CurrentContext) = ofThreads.set(current)

        /** Leaves the calling thread without one; its next call of [current] makes a new one with an empty context. */
        fun leave() = ofThreads.remove()
    }
}

/** The owner on whose behalf code runs: a task's step. */
internal interface ContextOwner {
    /** The context variables it runs with. */
    val variables: Context

    /** As [variables]; null if the context was not made yet, so that it cannot have been entered. */
    val variablesOrNull: Context?

    /** The bindings that [variables] has, or will have when it is made. */
    val bindings: Bindings
}
