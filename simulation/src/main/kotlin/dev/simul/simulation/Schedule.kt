// SPDX-License-Identifier: Apache-2.0
package dev.simul.simulation

/** Who decides the order of what is ready at the same virtual time: asyncio's rules, or a simulation's choices. */
public enum class Schedule {
    /** The order that the loops have in production: first scheduled, first run. */
    ASYNCIO,

    /**
     * A choice wherever asyncio's contract leaves the order open: timers of one deadline, channels that became ready together, and
     * which of both come first; the work of `toThread`; hosts that could run at the same time. What a program does by the contract alone works in each of these orders.
     */
    RANDOM,

    /**
     * As [RANDOM], and each turn of a loop runs its callbacks in an order by choice, and some of them only in a later turn: a task may lag
     * behind another one by any number of steps. asyncio promises their order; a program that does not rely on it, as most should not,
     * works in each of them.
     */
    CHAOS,
}
