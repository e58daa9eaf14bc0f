// SPDX-License-Identifier: Apache-2.0
package dev.simul.simulation

import dev.simul.Future
import dev.simul.context.Context
import dev.simul.exceptions.CancelledException
import dev.simul.loop.EventLoop
import dev.simul.testing.network.Machine
import kotlin.time.Duration

/**
 * A further loop of a [Host], which the host's code has started as another program starts a thread with a loop in it, such as a worker of
 * `serve`.
 *
 * It has the machine, the network and the clock of its host, and ends with it: by a crash at once, and otherwise when the host's main has
 * ended. Only code of the simulation may call its methods. asyncio has no equivalent.
 *
 * @property name the host's and the loop's own, such as `server/worker-1`, as the transcript shows it.
 */
public class HostLoop internal constructor(
    private val world: World,
    host: Host,
    public val name: String,
    machine: Machine,
    private val ended: (Throwable?) -> Unit,
) {
    /** What its main has thrown, or what has left the loop. */
    private var failure: Throwable? = null

    internal val process: HostProcess = HostProcess(world, host, machine, name, ::mainHasEnded, ::closed, ::died)

    /** Whether the loop is open: not after its main has ended, nor after a crash of its host. */
    public val isRunning: Boolean get() = !process.isOver

    /**
     * The loop does nothing for [duration], while the other loops of its host go on, and so do the threads that work for it: as if a callback
     * blocked it. It begins when the loop's current turn is over. A second pause counts from its own beginning, if it ends later.
     *
     * @throws IllegalArgumentException if [duration] is negative.
     */
    public fun pause(duration: Duration): Unit = process.pause.begin("loop $name", duration)

    internal fun start(main: suspend () -> Unit): EventLoop {
        world.live += process
        world.transcript.add(name, "starts")
        process.start(Context(), main)
        return process.loop
    }

    private fun mainHasEnded(main: Future<*>) {
        if (failure == null) failure = if (main.cancelled()) CancelledException() else main.exception()
        world.transcript.add(name, "main ${howEnded(main)}")
    }

    /** [error] has left the loop, as it would end a thread. */
    private fun died(error: Throwable): Boolean {
        if (error is InterruptedException) return false
        failure = error
        world.transcript.add(name, "dies: $error")
        return true
    }

    private fun closed(): Unit = world.inside(process) { ended(failure) }

    override fun toString(): String = "<HostLoop $name>"
}
