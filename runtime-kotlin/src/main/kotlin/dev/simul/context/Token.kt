// SPDX-License-Identifier: Apache-2.0
package dev.simul.context

/**
 * The result of [ContextVar.set], which can restore the variable's previous value.
 *
 * It works once. As an [AutoCloseable] it sets a variable for the duration of a block: `variable.set(value).use { ... }`.
 *
 * Source: `contextvars.Token`.
 *
 * @property variable the variable that was set.
 */
public class Token<T> internal constructor(
    @get:JvmName("variable")
    public val variable: ContextVar<T>,
    private val context: Context,
    private val old: Any?,
) : AutoCloseable {
    private var used = false

    /** Whether the variable had a value of its own in the context before it was set; a default does not count. */
    @get:JvmName("hasOldValue")
    public val hasOldValue: Boolean
        get() = old !== Missing

    /**
     * The value that the variable had before it was set.
     *
     * @throws NoSuchElementException if it had none; see [hasOldValue].
     */
    @get:JvmName("oldValue")
    public val oldValue: T
        get() {
            if (old === Missing) throw NoSuchElementException("$variable had no value before it was set")
            return variable.cast(old)
        }

    /**
     * Resets the variable, as [ContextVar.reset] does.
     *
     * @throws IllegalStateException if the token was used before.
     * @throws IllegalArgumentException if the current context is not the one in which the token was made.
     */
    override fun close() {
        variable.reset(this)
    }

    internal fun use(
        by: ContextVar<T>,
        current: Context,
    ) {
        check(!used) { "$this has already been used once; set the variable again to get a new token" }
        require(by === variable) { "$this was created by a different ContextVar than $by" }
        require(current === context) { "$this was created in a different Context; reset the variable where it was set" }
        used = true
        current.bindings = if (old === Missing) current.bindings.without(by) else current.bindings.with(by, old)
    }

    override fun toString(): String = "<Token${if (used) " used" else ""} var=$variable>"
}
