// SPDX-License-Identifier: Apache-2.0
package dev.simul.simulation

import dev.simul.Future
import dev.simul.Task
import dev.simul.createFuture
import dev.simul.loop.EventLoop
import dev.simul.loop.ExceptionContext
import dev.simul.loop.getRunningLoop
import dev.simul.testing.network.Machine
import java.net.InetAddress
import kotlin.time.Duration
import kotlin.time.Duration.Companion.nanoseconds

/**
 * A machine of a [Simulation], with a name, an address, a clock, and a loop that runs its main.
 *
 * It lives as a program by `run` does: when its main ends, its other tasks are cancelled and its loop is closed. The exception of a main
 * that fails is thrown by [join]; if nobody calls that, the simulation fails in the end.
 *
 * Only code of the simulation may call its methods. asyncio has no equivalent.
 *
 * @property name the name by which other hosts find it.
 */
public class Host internal constructor(
    private val world: World,
    public val name: String,
    machine: Machine,
    private val program: suspend () -> Any?,
) {
    internal val clock = HostClock(world.agenda)
    private val joiners = ArrayList<Future<Unit>>()
    private val pause = Pause(world, name) { processes }

    /** Those that were started since the host was: all that are open, and the last of each name. */
    private val allLoops = ArrayList<HostLoop>()

    internal var process: HostProcess? = null
        private set

    internal val main: Task<*>? get() = process?.main

    /** The one of its main, and those of its other loops. */
    internal val processes: List<HostProcess> get() = listOfNotNull(process) + allLoops.map { it.process }

    /** Whether the last main has ended, rather than crashed. */
    private var hasEnded = false

    /** Why the last main failed, and whether somebody was told. */
    private var failure: Throwable? = null
    private var isFailureTold = false

    /** The address by which other hosts reach it. */
    public val address: InetAddress = machine.address

    /** Whether its loop is open: not after its main has ended, nor after a crash. */
    public val isRunning: Boolean get() = process?.isOver == false

    internal val isPaused: Boolean get() = pause.isOn

    /** How far its clock is ahead of the simulation's time. A clock that is set back stands still until it has reached its former time. */
    public var clockSkew: Duration
        get() = clock.skew.nanoseconds
        set(value) {
            require(value.isFinite()) { "the clock of host $name cannot be ahead by $value: give a finite duration" }
            clock.skew = value.inWholeNanoseconds
            world.transcript.add(name, "the clock is ahead by $value")
            processes.forEach(world::wakeHere)
        }

    internal fun start(machine: Machine) {
        val process = HostProcess(world, this, machine, name, ::mainHasEnded, ::endLoops)
        world.live += process
        this.process = process
        allLoops.clear()
        world.transcript.add(name, "starts")
        process.start(null, program)
    }

    /** Its main has ended, and so do the other loops. */
    private fun endLoops() {
        for (loop in loops) {
            world.later {
                loop.process.pause.end()
                loop.process.end()
            }
        }
    }

    /**
     * The machine loses its power: nothing that its code still does is seen by other hosts, and no more of its tasks run, not even what is in
     * their `finally` blocks. What cannot just be dropped ends in this process all the same: bodies on stacks of their own, by a
     * `GeneratorExit`, and what libraries have asked the loop to do when it closes.
     *
     * Other hosts learn of it as in life: they hear nothing, or a reset after [restart]. A host that does not run stays as it is. If it is
     * called by code of this host, it does not return, but leaves that code through its `finally` blocks: to test what they do, have
     * another host call it.
     *
     * @throws IllegalStateException for the host that runs the simulation's block.
     */
    public fun crash() {
        checkMay("crash")
        val running = processes.filterNot { it.isOver }
        if (running.isEmpty()) return
        world.transcript.add(name, "crashes")
        resume()
        running.forEach { it.crash() }
        world.current?.takeIf { it in running }?.let { throw SelfCrash(it) }
    }

    /**
     * Runs the host's main anew, on a new loop, after a [crash] if it still runs. Its address is the same; of its earlier connections it
     * knows nothing. Once the simulation's block has ended, it does not start again.
     *
     * @throws IllegalStateException for the host that runs the simulation's block.
     */
    public fun restart() {
        checkMay("restart")
        try {
            crash()
        } finally {
            forgetFormerLife()
            world.later(::startAnew)
        }
    }

    /** From now on, [join] waits for the next main. */
    private fun forgetFormerLife() {
        reportFailure()
        hasEnded = false
        failure = null
        isFailureTold = false
    }

    private fun startAnew() {
        if (world.isEnding) return
        resume()
        processes.filterNot { it.isOver }.forEach { it.crash() }
        start(process!!.machine.apply { cutOff() }.replace())
    }

    /**
     * The host does nothing for [duration], while its clock goes on and its connections take what arrives: as in a long pause of the garbage
     * collector. It begins when the current turn of the host's loop is over. A second pause counts from its own beginning, if it ends later.
     *
     * @throws IllegalArgumentException if [duration] is negative.
     */
    public fun pause(duration: Duration): Unit = pause.begin("host $name", duration)

    internal fun resume() = pause.end()

    /**
     * The loops that its code has started besides the one of its main, and that are open, in the order in which they were started: those of
     * the workers of `serve`, for instance.
     */
    public val loops: List<HostLoop> get() = allLoops.filter { it.isRunning }

    /**
     * The loop of that name which its code has started last; it may be closed.
     *
     * @param name the loop's own, such as `worker-1`.
     * @throws NoSuchElementException if there was none since the host has started.
     */
    public fun loop(name: String): HostLoop =
        allLoops.lastOrNull { it.name == "${this.name}/$name" }
            ?: throw NoSuchElementException("host ${this.name} has no loop $name: it has ${allLoops.map { it.name }.ifEmpty { "none" }}")

    internal fun startLoop(
        name: String,
        main: suspend () -> Unit,
        ended: (Throwable?) -> Unit,
    ): EventLoop {
        val loop = HostLoop(world, this, "${this.name}/$name", process!!.machine, ended)
        allLoops.removeAll { it.name == loop.name && !it.isRunning }
        allLoops += loop
        return loop.start(main)
    }

    /**
     * Waits until the host's main has ended, and throws its exception if it has failed. After a crash it goes on waiting, for the main of a
     * restarted host.
     *
     * Cancelling the wait does nothing to the host.
     */
    public suspend fun join() {
        if (!hasEnded) {
            val ended = getRunningLoop().createFuture<Unit>()
            joiners += ended
            try {
                ended.await()
            } finally {
                joiners -= ended
            }
        }
        val failure = failure ?: return
        isFailureTold = true
        throw failure
    }

    internal fun mainHasEnded(main: Future<*>) {
        hasEnded = true
        if (this !== world.hosts.values.first()) failure = if (main.cancelled()) null else main.exception()
        world.transcript.add(name, "main ${howEnded(main)}")
        for (joiner in joiners) {
            if (!joiner.loop.isClosed) joiner.loop.callSoonThreadsafe { if (!joiner.done()) joiner.setResult(Unit) }
        }
    }

    /** A failure that nobody was told is reported. */
    internal fun reportFailure() {
        val failure = failure?.takeUnless { isFailureTold } ?: return
        isFailureTold = true
        world.errors.handler.handle(process!!.loop, ExceptionContext("the main of host $name failed, and nobody joined it", failure))
    }

    private fun checkMay(what: String) {
        world.checkHere("$what host $name")
        check(this !== world.hosts.values.first()) { "host $name runs the simulation itself and cannot $what: do that to another host" }
    }

    override fun toString(): String = "<Host $name at ${address.hostAddress}>"
}

/** How [main] has ended, for the transcript. */
internal fun howEnded(main: Future<*>): String = if (main.cancelled()) "is cancelled" else main.exception()?.let { "fails: $it" } ?: "ends"
