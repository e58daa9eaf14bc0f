// SPDX-License-Identifier: Apache-2.0
package dev.simul.simulation

import dev.simul.loop.getRunningLoop
import java.net.InetAddress
import kotlin.time.Duration

/**
 * A program of several hosts on virtual time, all in one thread: the receiver of the block of [simulate], which itself runs on a host named
 * `main`.
 *
 * Code of every host may use it, in its loop or by `toThread`. asyncio has no equivalent.
 */
public class Simulation internal constructor(
    private val world: World,
) {
    /** The virtual time since the simulation began. A host's own clock may differ, see [Host.clockSkew]. */
    public val now: Duration get() = world.now

    /** What lies between the hosts, with its conditions and faults. */
    public val network: Network get() = world.network

    /**
     * Adds a host, which begins to run [main] as `run` would.
     *
     * @param name other hosts find it by this name; case does not matter.
     * @param address the host's; if null, it is the next free one of 10.0.0.0/8.
     * @throws IllegalArgumentException if there is a host of that name or address.
     * @throws IllegalStateException in a thread that is not the simulation's.
     */
    public fun host(
        name: String,
        address: InetAddress? = null,
        main: suspend () -> Unit,
    ): Host = world.addHost(name, address, main)

    /** Adds [text] to the transcript that a failure shows, with the time and the host whose code calls this. */
    public fun log(text: String) {
        val process = world.current
        if (process?.state != HostProcess.State.CRASHED) world.transcript.add(process?.name.orEmpty(), text)
    }

    /**
     * From now on, [holds] is asked after each turn of any host, and the simulation fails as soon as it returns false or throws. Close what
     * this returns to end that; the end of the simulation's block does so, too.
     *
     * It is asked outside of all loops, and often: it should look at objects of the program, and change nothing.
     *
     * @param name says in the failure what has not held.
     * @throws InvariantViolation from [simulate], with [name], the time, and the host and the number of the turn.
     */
    public fun always(
        name: String = "always",
        holds: () -> Boolean,
    ): AutoCloseable {
        val askedAt = Throwable()
        return world.invariants.add { turn ->
            val result = runCatching(holds)
            if (result.getOrDefault(false)) return@add
            val how = result.exceptionOrNull()?.let { "threw $it" } ?: "does not hold"
            throw InvariantViolation("the invariant '$name' $how $turn", result.exceptionOrNull(), name, askedAt)
        }
    }

    /**
     * Waits until [holds] returns true; it is asked now, and after each turn of any host. What it throws counts as false.
     *
     * It is asked outside of all loops, and should change nothing. Cancelling this ends the wait.
     *
     * @param within how long it may take, by the clock of the host that calls this.
     * @param name says in the failure what has not happened.
     * @throws InvariantViolation if that time passes.
     */
    public suspend fun eventually(
        within: Duration,
        name: String = "eventually",
        holds: () -> Boolean,
    ): Unit = eventually(within, name, Throwable(), holds)

    internal suspend fun eventually(
        within: Duration,
        name: String,
        askedAt: Throwable,
        holds: () -> Boolean,
    ) {
        val awaited = AwaitedCondition(getRunningLoop(), holds)
        if (awaited.holdsNow()) return
        val watch = world.invariants.add(awaited)
        val isFulfilled = watch.use { awaited.await(within) }
        if (isFulfilled) return
        val how = awaited.thrown?.let { "threw $it" } ?: "did not hold"
        throw InvariantViolation("'$name' $how within $within, until $now", awaited.thrown, name, askedAt)
    }
}
