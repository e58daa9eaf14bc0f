// SPDX-License-Identifier: Apache-2.0
package dev.simul.simulation.histories

/**
 * What an object does when its operations are called one after the other: the specification that a [History] is checked against.
 *
 * ```
 * object Register : Model<Int, Access, Int?> {
 *     override val initial = 0
 *
 *     override fun step(state: Int, operation: Access) =
 *         when (operation) {
 *             is Access.Write -> Step(operation.value, null)
 *             is Access.Read -> Step(state, state)
 *         }
 * }
 * ```
 *
 * The search compares states and results by `equals`, and keeps states in hash tables: they must not change, and data classes, lists and
 * numbers are good ones. asyncio has no equivalent.
 */
public interface Model<S, Op, R> {
    /** The state before the first operation, of each key. */
    public val initial: S

    /** What [operation] does in [state]. It must depend on nothing else, and change nothing. */
    public fun step(
        state: S,
        operation: Op,
    ): Step<S, R>

    /**
     * The part of the object that [operation] works on, if operations on different parts never affect each other: the key of a map. Each
     * part has a state of its own, and is checked by itself, which is much faster.
     */
    public fun key(operation: Op): Any? = null
}

/** What an operation does: the [state] that it leaves, and the [result] that it returns. asyncio has no equivalent. */
public data class Step<out S, out R>(
    @get:JvmName("state") public val state: S,
    @get:JvmName("result") public val result: R,
)
