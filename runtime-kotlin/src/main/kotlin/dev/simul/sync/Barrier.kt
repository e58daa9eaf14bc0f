// SPDX-License-Identifier: Apache-2.0
package dev.simul.sync

import dev.simul.AsyncContextManager

/**
 * Lets tasks wait for each other: each [wait] ends when [parties] tasks have arrived.
 *
 * It is reusable. Tasks that arrive while the last round is leaving wait until all of it has left.
 *
 * It belongs to the loop on which a task first waited for it.
 *
 * Source: `asyncio.Barrier(parties)`.
 *
 * @property parties how many tasks a round needs. Source: `Barrier.parties`.
 * @param name shown by reports of the tasks that wait for it.
 * @throws IllegalArgumentException if [parties] is less than 1.
 */
public class Barrier
    @JvmOverloads
    constructor(
        public val parties: Int,
        name: String? = null,
    ) : AsyncContextManager<Int> {
        init {
            require(parties >= 1) { "parties must be >= 1, not $parties" }
        }

        private val condition = Condition(Lock(), this, "Barrier.wait", name)
        private var state = BarrierState.FILLING
        private var count = 0

        /** The name that reports of waiting tasks show. asyncio has no equivalent. */
        public val name: String? get() = condition.name

        /** How many tasks wait for the round to be complete; 0 while a round leaves. Source: `Barrier.n_waiting`. */
        public val nWaiting: Int get() = if (state == BarrierState.FILLING) count else 0

        /** Whether [abort] was called, without a [reset] since. Source: `Barrier.broken`. */
        public val broken: Boolean get() = state == BarrierState.BROKEN

        /**
         * Waits until the round is complete. The last task to arrive does not wait.
         *
         * Cancelling a task that waits removes it from the round and does not break the barrier.
         *
         * Source: `Barrier.wait()`.
         *
         * @return how many tasks of the round arrived before this one.
         * @throws BrokenBarrierException if the barrier is broken, or is aborted or reset meanwhile.
         */
        public suspend fun wait(): Int =
            condition.use {
                awaitDrained()
                try {
                    val index = count++
                    if (count == parties) complete() else awaitComplete()
                    index
                } finally {
                    count--
                    leave()
                }
            }

        private suspend fun awaitDrained() {
            condition.waitFor { state != BarrierState.DRAINING && state != BarrierState.RESETTING }
            if (broken) throw BrokenBarrierException("Barrier aborted: reset() $this before it is used again")
        }

        private fun complete() {
            state = BarrierState.DRAINING
            condition.notifyAll()
        }

        private suspend fun awaitComplete() {
            condition.waitFor { state != BarrierState.FILLING }
            if (state != BarrierState.DRAINING) throw BrokenBarrierException("Abort or reset of barrier: $this")
        }

        private fun leave() {
            if (count > 0) return
            if (state == BarrierState.RESETTING || state == BarrierState.DRAINING) state = BarrierState.FILLING
            condition.notifyAll()
        }

        /**
         * Returns the barrier to its initial state. Tasks that wait for their round get a [BrokenBarrierException].
         *
         * If the task is cancelled while it waits for its turn, nothing is reset.
         *
         * Source: `Barrier.reset()`.
         */
        public suspend fun reset(): Unit =
            condition.use {
                state = if (count > 0) BarrierState.RESETTING else BarrierState.FILLING
                condition.notifyAll()
            }

        /**
         * Breaks the barrier, until it is [reset]: every task that waits for it, now or later, gets a [BrokenBarrierException].
         *
         * If the task is cancelled while it waits for its turn, nothing is broken.
         *
         * Source: `Barrier.abort()`.
         */
        public suspend fun abort(): Unit =
            condition.use {
                state = BarrierState.BROKEN
                condition.notifyAll()
            }

        /** Runs [block], when the round is complete, with the result of [wait]. Source: `async with barrier as position`. */
        public suspend inline fun <R> use(block: (Int) -> R): R = block(wait())

        /** Waits for the round. Source: `Barrier.__aenter__`. */
        override suspend fun aenter(): Int = wait()

        /** Does nothing. Source: `Barrier.__aexit__`. */
        override suspend fun aexit(exception: Throwable?): Boolean = false

        override fun toString(): String {
            val waiting = if (broken) "" else ", waiters:$nWaiting/$parties"
            return "<Barrier ${name.before()}[${state.text}$waiting]>"
        }
    }

private enum class BarrierState(
    val text: String,
) {
    FILLING("filling"),
    DRAINING("draining"),
    RESETTING("resetting"),
    BROKEN("broken"),
}
