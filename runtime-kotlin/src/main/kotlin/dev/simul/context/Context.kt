// SPDX-License-Identifier: Apache-2.0
package dev.simul.context

/**
 * The values of all [ContextVar]s that were set in it; each task and callback has one.
 *
 * A context is read like a map, and changed only from inside, by setting variables while it is [run]. Two contexts are equal only if they
 * are the same object; compare [asMap] to compare their values.
 *
 * A context belongs to one thread at a time. Another thread that reads it gets the values of some recent moment.
 *
 * Source: `contextvars.Context`.
 */
public class Context internal constructor(
    @JvmField internal var bindings: Bindings,
) {
    /**
     * Whether it is the current context of some thread or loop, or waits below another one to become current again.
     *
     * A task's step does not set it for its own context while that is the current one: see [CurrentContext.hasEntered].
     */
    internal var entered: Boolean = false

    /** Creates a context in which no variable is set. */
    public constructor() : this(Bindings.Empty)

    /**
     * Calls [block] with this context as the current one and returns its result.
     *
     * Variables that the block sets stay set in this context only.
     *
     * @throws IllegalStateException if the context is entered already; for the context of a task that runs in another thread, this is not
     *   detected.
     */
    public fun <R> run(block: () -> R): R {
        val current = CurrentContext.current()
        val previous = current.context
        enter(current)
        val marked = current.markEntered(previous)
        try {
            return block()
        } finally {
            if (marked) previous.leave()
            exit(current, previous)
        }
    }

    /** A copy with the same values; setting a variable in one does not affect the other. Takes constant time. */
    public fun copy(): Context = Context(bindings)

    /**
     * The value of [variable] in this context.
     *
     * @throws NoSuchElementException if it was not set here, even if it has a default.
     */
    public operator fun <T> get(variable: ContextVar<T>): T {
        val value = bindings.find(variable)
        if (value === Missing) throw NoSuchElementException("$variable is not set in $this")
        return variable.cast(value)
    }

    /** The value of [variable] in this context, or [default] if it was not set here. */
    public fun <T> get(
        variable: ContextVar<T>,
        default: T,
    ): T {
        val value = bindings.find(variable)
        return if (value === Missing) default else variable.cast(value)
    }

    /** The value of [variable] in this context, or null if it was not set here. */
    public fun <T> getOrNull(variable: ContextVar<T>): T? {
        val value = bindings.find(variable)
        return if (value === Missing) null else variable.cast(value)
    }

    /** Whether [variable] was set in this context. */
    public operator fun contains(variable: ContextVar<*>): Boolean = bindings.find(variable) !== Missing

    /** How many variables are set in this context. */
    public val size: Int
        get() = bindings.size

    /** The variables that are set in this context now, in no particular order. */
    public val variables: Set<ContextVar<*>>
        get() = asMap().keys

    /** The current values as a map, which does not change with the context. */
    public fun asMap(): Map<ContextVar<*>, Any?> =
        buildMap {
            bindings.forEach { variable, value -> put(variable, value) }
        }

    override fun toString(): String = "<Context of $size ${if (size == 1) "variable" else "variables"}>"

    /**
     * Makes this the context that is [current]; pair it with [exit].
     *
     * Two threads that enter one context at the same instant may both succeed: an atomic flag would cost more than the rest of a loop's
     * step, and could only detect misuse.
     */
    internal fun enter(current: CurrentContext) {
        if (current.hasEntered(this)) throw alreadyEntered()
        entered = true
        current.context = this
    }

    /** Reverses [enter] without changing the current context. */
    internal fun leave() {
        entered = false
    }

    /** Makes [previous] the context that is [current] again. */
    internal fun exit(
        current: CurrentContext,
        previous: Context,
    ) {
        current.context = previous
        entered = false
    }

    internal fun alreadyEntered() = IllegalStateException("cannot enter context: $this is already entered; run a copy() of it instead")
}

/**
 * A copy of the calling thread's current context. Takes constant time.
 *
 * Source: `contextvars.copy_context`.
 */
public fun copyContext(): Context = Context(CurrentContext.current().bindingsToCopy)
