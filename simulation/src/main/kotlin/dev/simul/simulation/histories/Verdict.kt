// SPDX-License-Identifier: Apache-2.0
package dev.simul.simulation.histories

/** Whether a [History] is linearizable. asyncio has no equivalent. */
public sealed class Verdict {
    /** Returns if the history is linearizable. @throws AssertionError with the explanation if it is not, or if the budget ended before. */
    public fun orThrow() {
        if (this != Linearizable) throw AssertionError(toString())
    }

    /** Some order of the calls explains all results. */
    public object Linearizable : Verdict() {
        override fun toString(): String = "The history is linearizable."
    }

    /**
     * No order of the calls explains all results. Its text says so in plain words.
     *
     * @property key the [Model.key] whose calls it is about.
     * @property order the longest order that explains the results of its calls, and of all calls that ended before [misfit] did.
     * @property misfit the first call to end whose result no order explains.
     */
    public class NotLinearizable internal constructor(
        @get:JvmName("key") public val key: Any?,
        @get:JvmName("order") public val order: List<Call<*, *>>,
        @get:JvmName("misfit") public val misfit: Call<*, *>,
        private val explanation: String,
    ) : Verdict() {
        override fun toString(): String = explanation
    }

    /**
     * The budget ended before the search did.
     *
     * @property key the [Model.key] whose calls took too long.
     * @property configurations how many configurations were tried for it.
     */
    public class Undecided internal constructor(
        @get:JvmName("key") public val key: Any?,
        @get:JvmName("configurations") public val configurations: Int,
    ) : Verdict() {
        override fun toString(): String =
            "Undecided: $configurations configurations${ofKey(key)} did not show whether the history is linearizable. " +
                "Raise the budget, record a shorter history, or have Model.key take it apart."
    }
}

internal fun ofKey(key: Any?): String = if (key == null) "" else " of the key $key"
