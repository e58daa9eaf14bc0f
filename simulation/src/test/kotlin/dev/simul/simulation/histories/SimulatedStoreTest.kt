// SPDX-License-Identifier: Apache-2.0
package dev.simul.simulation.histories

import dev.simul.createTask
import dev.simul.loop.getRunningLoop
import dev.simul.simulation.ExplorationFailure
import dev.simul.simulation.Schedule
import dev.simul.simulation.Simulation
import dev.simul.simulation.explore
import dev.simul.simulation.histories.Access.Cas
import dev.simul.simulation.simulate
import dev.simul.sleep
import dev.simul.sync.Lock
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.ints.shouldBeGreaterThan
import io.kotest.matchers.string.shouldContain
import kotlin.time.Duration

/** The history of a simulated store says whether its compare-and-set is one step. */
class SimulatedStoreTest :
    FunSpec({
        test("one that looks, waits and writes is found out by another order of turns") {
            // By asyncio's order, each client looks after the one before it has written.
            simulate(seed = 1) { check(Store()) }
            val failure =
                shouldThrow<ExplorationFailure> { explore(seeds = 2_000, schedule = Schedule.CHAOS) { check(Store()) } }
            val text = failure.cause!!.message!!
            text shouldContain "The history is not linearizable: no order of the calls of the key x explains the result of\n"
            text shouldContain "-> true [0s to 0s]\n"
            text shouldContain "it would have returned 'false'."
        }

        test("with a lock around that, no order of turns finds fault with it") {
            val exploration = explore(seeds = 500, schedule = Schedule.CHAOS) { check(LockedStore()) }
            exploration.interleavings shouldBeGreaterThan 20
        }
    })

private open class Store {
    private var value = 0

    open suspend fun compareAndSet(
        expected: Int,
        new: Int,
    ): Boolean {
        if (value != expected) return false
        sleep(Duration.ZERO)
        value = new
        return true
    }
}

private class LockedStore : Store() {
    private val lock = Lock()

    override suspend fun compareAndSet(
        expected: Int,
        new: Int,
    ): Boolean {
        lock.acquire()
        try {
            return super.compareAndSet(expected, new)
        } finally {
            lock.release()
        }
    }
}

private suspend fun Simulation.check(store: Store) {
    val history = History<Access, Any?>({ now })
    val loop = getRunningLoop()
    val clients =
        List(4) { client ->
            loop.createTask {
                repeat(client) { sleep(Duration.ZERO) }
                history.record("client $client", Cas("x", 0, client + 1)) { store.compareAndSet(0, client + 1) }
            }
        }
    clients.forEach { it.await() }
    history.check(Registers).orThrow()
}
