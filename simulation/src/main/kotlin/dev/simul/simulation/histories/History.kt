// SPDX-License-Identifier: Apache-2.0
package dev.simul.simulation.histories

import kotlin.time.Duration

/**
 * What several clients called on one object, and what they got, in the order in which it happened; [check] says whether the object behaved
 * as if each call had taken effect at one instant between its beginning and its end.
 *
 * ```
 * val history = History<Access, Int?>({ now })
 * …
 * history.record("client 1", Access.Write("x", 3)) { store.write("x", 3); null }
 * …
 * history.check(StoreModel).orThrow()
 * ```
 *
 * Record in one thread, as all hosts of a simulation are. asyncio has no equivalent; the notion is Herlihy and Wing's ("Linearizability: a
 * correctness condition for concurrent objects", 1990).
 *
 * @param time the time that messages print with each call; if null, they print the numbers of events.
 */
public class History<Op, R>(
    private val time: (() -> Duration)? = null,
) {
    private val recorded = LinkedHashSet<Call<Op, R>>()
    private var events = 0

    /** The calls so far, by their beginnings, without those that [failed][Call.failed]. */
    public val calls: List<Call<Op, R>> get() = recorded.toList()

    /** A call of [operation] by [process] begins now. It ends by [Call.returned] or [Call.failed], or stays pending. */
    public fun begin(
        process: Any,
        operation: Op,
    ): Call<Op, R> = Call(this, process, operation, nextEvent(), now()).also { recorded += it }

    /**
     * Runs [call], and records it as a call of [operation] by [process] with the result that it returns.
     *
     * If [call] throws, also by being cancelled, the recorded call stays pending: the operation may have taken effect all the same. Where
     * an exception proves that it has not, use [begin] and [Call.failed].
     */
    public inline fun <T : R> record(
        process: Any,
        operation: Op,
        call: () -> T,
    ): T {
        val recorded = begin(process, operation)
        return call().also { recorded.returned(it) }
    }

    /**
     * Whether some order of the calls explains all results: an order that has each call within its own period, and in which [model]
     * gives the results that were recorded. Pending calls may be left out of it.
     *
     * The calls are taken apart by [Model.key], since a history is linearizable if that of each key is (Herlihy and Wing's locality; Horn
     * and Kroening, "Faster linearizability checking via P-compositionality", 2015). Within a key, this is the search of Wing and Gong
     * ("Testing and verifying concurrent objects", 1993) that tries no configuration twice (Lowe, "Testing for linearizability", 2017).
     * It takes time exponential in the number of calls that overlap.
     *
     * @param budget how many configurations to try for a key at most; if that does not decide it, the verdict is [Verdict.Undecided],
     *   unless another key's calls are not linearizable.
     */
    @JvmOverloads
    public fun <S> check(
        model: Model<S, Op, R>,
        budget: Int = DEFAULT_BUDGET,
    ): Verdict {
        require(budget > 0) { "a budget of $budget configurations decides nothing: give at least 1" }
        val verdicts =
            recorded.groupBy { model.key(it.operation) }.map { (key, calls) ->
                LinearizationSearch(model, key, calls, budget).run()
            }
        return verdicts.firstOrNull { it is Verdict.NotLinearizable }
            ?: verdicts.firstOrNull { it is Verdict.Undecided }
            ?: Verdict.Linearizable
    }

    override fun toString(): String = recorded.joinToString("\n")

    internal fun nextEvent(): Int = ++events

    internal fun now(): Duration? = time?.invoke()

    internal fun forget(call: Call<Op, R>) {
        recorded -= call
    }

    private companion object {
        const val DEFAULT_BUDGET = 1_000_000
    }
}
