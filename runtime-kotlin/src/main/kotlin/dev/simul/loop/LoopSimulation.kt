// SPDX-License-Identifier: Apache-2.0
package dev.simul.loop

import java.util.Collections

/** What a simulation decides for its loops: whatever asyncio leaves open, and on demand more than that. */
@SimulationApi
public interface LoopSimulation {
    /** How much of the order is chosen. */
    public val order: TurnOrder

    /** Whether the calling thread is one that it decides: what others hand in waits until it is [accepted][acceptFromThreads]. */
    public val isOwnThread: Boolean

    /** Does [block] when none of its loops runs; called in its own threads. */
    public fun runLater(block: () -> Unit)

    /**
     * Starts a further loop on the host whose code calls this: what stands for a thread of its own that runs a loop. It runs [main] as `run`
     * does: then it cancels its other tasks, and is closed. The contexts of its tasks begin empty.
     *
     * Called in its own threads.
     *
     * @param name the thread's.
     * @param ended is called once the loop is closed, outside of all loops, with what [main] has thrown, or what has left the loop. It is not
     *   called if the host crashes.
     */
    public fun startLoop(
        name: String,
        main: suspend () -> Unit,
        ended: (Throwable?) -> Unit,
    ): EventLoop

    /** How many threads wait for a loop has changed. May be called in any thread. */
    public fun waitingThreadsChanged()

    /** A number from 0 until [bound], which is at least 2; 0 leaves the order as it is. */
    public fun choose(bound: Int): Int
}

/** Which callbacks of a turn run in an order by choice. */
@SimulationApi
public enum class TurnOrder {
    /** None of them. */
    ASYNCIO,

    /** Those whose order asyncio leaves open: timers of one deadline, channels that became ready together, and which of both come first. */
    OPEN,

    /**
     * All that were ready when the turn began, of which some may have to wait for a later one, except that transports tell their protocols
     * what happened in the order of events.
     */
    ANY,
}

/**
 * The simulation that this loop is part of, if any; set it before the loop has tasks. From then on nothing of it depends on the garbage
 * collector, and its tasks are numbered on their own.
 */
@SimulationApi
public var EventLoop.simulation: LoopSimulation?
    get() = simulatedBy
    set(value) {
        beSimulatedBy(value)
        taskNumbers.startAnew()
    }

/** Whether the loop has something to do now: a callback is ready, or was handed in. */
@SimulationApi
public val EventLoop.hasWork: Boolean get() = hasReady || hasHandedIn

/**
 * The wall clock of the machine that this loop runs on, in milliseconds since 1970, UTC. In a simulation, it is 1 January 2000 when the loop's
 * clock is at zero.
 */
@SimulationApi
public val EventLoop.wallClockMillis: Long
    get() = if (simulation == null) System.currentTimeMillis() else START_OF_SIMULATIONS + time().inWholeMilliseconds

private const val START_OF_SIMULATIONS = 946_684_800_000L

/**
 * A coroutine that one of the loop's tasks has in another thread waits for the loop, or no longer does: time need not stand still for it.
 * May be called in any thread; does nothing outside of simulations.
 */
@SimulationApi
public fun EventLoop.tellThreadWaits(isSo: Boolean) {
    threadWaits(isSo)
    simulation?.waitingThreadsChanged()
}

/** How many of the loop's tasks' coroutines in other threads wait for the loop, as far as it was told. */
@SimulationApi
public val EventLoop.toldWaitingThreads: Int get() = waitingThreads

/** The loop's host crashes: once the loop is closed, none of its coroutines goes on. */
@SimulationApi
public fun EventLoop.crash() {
    hasCrashed = true
}

/** From now on the loop has what threads have handed in until now that its simulation does not decide. */
@SimulationApi
public fun EventLoop.acceptFromThreads(): Unit = acceptFromOthers()

/** When the loop's first timer is due, by its clock, in nanoseconds; [Long.MAX_VALUE] if it has none. */
@SimulationApi
public val EventLoop.nextTimerNanos: Long get() = firstDeadlineNanos

/**
 * Calls [callback] in the loop after an object of the program was collected, from the collector's thread. In a simulation it does nothing,
 * since the moment would be nobody's choice: what was collected is then dealt with when the loop closes.
 */
internal fun EventLoop.callAfterCollection(callback: () -> Unit) {
    if (simulatedBy == null) callSoonThreadsafe(callback = callback)
}

/**
 * Chooses the order of what is [ready] in the turn that begins; those after the [old] first ones became ready in its poll. Returns how many of
 * them the turn runs; the others are ready in the next one.
 */
internal fun LoopSimulation.arrange(
    ready: ReadyQueue,
    old: Int,
): Int {
    val all = ready.size
    if (order == TurnOrder.OPEN && all - old > 1) ready.rearrange { shuffleOpen(it, old) }
    if (order != TurnOrder.ANY || all < 2) return all
    ready.rearrange(::shuffleAny)
    return all - choose(all)
}

/** Channels and timers, which came in this order; those from [new] on are new. */
private fun LoopSimulation.shuffleOpen(
    callbacks: MutableList<Callback>,
    new: Int,
) {
    val timers = (new until callbacks.size).firstOrNull { callbacks[it] is Timer } ?: callbacks.size
    shuffle(callbacks, new, timers)
    shuffleTimers(callbacks, timers)
    // A poll that began a bit later would have found the timers due, and the channels only in the next turn.
    if (timers > new && timers < callbacks.size && choose(2) == 1) Collections.rotate(callbacks.subList(new, callbacks.size), new - timers)
}

private fun LoopSimulation.shuffleAny(callbacks: MutableList<Callback>) {
    val inOrder = callbacks.filter { it is OrderedHandle }.iterator()
    shuffle(callbacks, 0, callbacks.size)
    for (i in callbacks.indices) if (callbacks[i] is OrderedHandle) callbacks[i] = inOrder.next()
}

/** Those of one deadline each. */
private fun LoopSimulation.shuffleTimers(
    callbacks: MutableList<Callback>,
    begin: Int,
) {
    var from = begin
    while (from < callbacks.size) {
        val deadline = (callbacks[from] as Timer).deadlineNanos
        var to = from + 1
        while (to < callbacks.size && (callbacks[to] as Timer).deadlineNanos == deadline) to++
        shuffle(callbacks, from, to)
        from = to
    }
}

/** By Fisher and Yates, from the beginning: a choice of 0 leaves the first of those that are left where it is. */
private fun LoopSimulation.shuffle(
    callbacks: MutableList<Callback>,
    from: Int,
    to: Int,
) {
    for (place in from until to - 1) {
        val chosen = place + choose(to - place)
        // Not a swap: the others keep their order.
        if (chosen != place) callbacks.add(place, callbacks.removeAt(chosen))
    }
}
