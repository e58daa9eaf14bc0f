// SPDX-License-Identifier: Apache-2.0
package dev.simul.context

import java.util.concurrent.atomic.AtomicInteger

/**
 * A variable whose value depends on the [Context] in which it is read.
 *
 * Every task and every callback of a loop runs in a context of its own, so a value set in one task is not seen by its
 * siblings. Outside a loop each thread has its own context, which starts empty. Declare variables once, at the top
 * level or in an object: a context that holds a value keeps its variable alive.
 *
 * Source: `contextvars.ContextVar`.
 *
 * @property name the variable's name in messages; it need not be unique.
 */
public class ContextVar<T> private constructor(
    private val default: Any?,
    @get:JvmName("name")
    public val name: String,
) {
    /** Numbers variables for the slots of [Bindings]; unlike identity hashes, consecutive numbers never collide in a small table. */
    @JvmField
    internal val serial: Int = serials.getAndIncrement()

    /** Creates a variable without a default: [get] fails in a context where it was not set. */
    public constructor(name: String) : this(Missing, name)

    /** Creates a variable that has the value [default] in every context where it was not set. */
    public constructor(name: String, default: T) : this(default, name)

    /**
     * The value in the current context, or the variable's default.
     *
     * @throws NoSuchElementException if the variable was not set here and has no default.
     */
    public fun get(): T {
        val value = bound()
        if (value !== Missing) return cast(value)
        if (default !== Missing) return cast(default)
        throw NoSuchElementException("$this has no value in the current context; set one or declare a default")
    }

    /** The value in the current context, or else [default]; ignores the variable's own default. */
    public fun get(default: T): T {
        val value = bound()
        return if (value === Missing) default else cast(value)
    }

    /** Sets the variable to [value] in the current context and returns the token that undoes it. */
    public fun set(value: T): Token<T> {
        val context = CurrentContext.current().context
        val before = context.bindings
        context.bindings = before.with(this, value)
        return Token(this, context, before.find(this))
    }

    /**
     * Restores the value the variable had before the [set] that returned [token].
     *
     * @throws IllegalStateException if [token] was used before.
     * @throws IllegalArgumentException if [token] belongs to another variable or was made in another context.
     */
    public fun reset(token: Token<T>) {
        token.use(this, CurrentContext.current().context)
    }

    private fun bound(): Any? = CurrentContext.current().bindings.find(this)

    override fun toString(): String = "<ContextVar name='$name'>"

    @Suppress("UNCHECKED_CAST")
    internal fun cast(value: Any?): T = value as T

    private companion object {
        val serials = AtomicInteger()
    }
}
