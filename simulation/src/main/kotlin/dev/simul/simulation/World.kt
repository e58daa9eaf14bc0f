// SPDX-License-Identifier: Apache-2.0
package dev.simul.simulation

import dev.simul.loop.EventLoop
import dev.simul.loop.ExceptionContext
import dev.simul.loop.FatalError
import dev.simul.loop.LoopSimulation
import dev.simul.loop.TurnOrder
import dev.simul.testing.Deadlock
import dev.simul.testing.ReportedErrors
import dev.simul.testing.StuckTasks
import dev.simul.testing.reportedErrors
import java.net.InetAddress
import kotlin.time.Duration
import kotlin.time.Duration.Companion.nanoseconds

/**
 * All hosts of a simulation, in one thread: it runs one turn of one host's loop after another, and when none has anything to do, it sets the
 * virtual time to that of the next timer or entry of the [agenda].
 */
internal class World(
    val choices: Choices,
    private val schedule: Schedule,
) : LoopSimulation {
    val agenda: Agenda = Agenda()
    val transcript: Transcript = Transcript(agenda)
    val network: Network = Network(agenda, choices, transcript::add)
    val errors: ReportedErrors = reportedErrors(::reported)

    val invariants: Invariants = Invariants(this)

    /** In the order in which they were made. */
    val hosts: LinkedHashMap<String, Host> = LinkedHashMap()

    /** The processes that are not over, in the order in which they began. */
    val live: ArrayList<HostProcess> = ArrayList()

    /** Whose code runs now, in its loop or in one of its threads; null between turns. */
    var current: HostProcess? = null

    /** Whether the simulation's block has ended, and its hosts end one after the other. */
    var isEnding: Boolean = false
        private set

    /** What programs had left open when they ended. */
    val leaks: ArrayList<Throwable> = ArrayList()

    private val thread = Thread.currentThread()
    private val ready = ReadyHosts()
    private val chores = ArrayDeque<() -> Unit>()
    private val others = OtherThreads(this)

    /** Counts the steps of virtual time, and the results that other threads have handed in. */
    private var moment = 0L

    override val order: TurnOrder =
        when (schedule) {
            Schedule.ASYNCIO -> TurnOrder.ASYNCIO
            Schedule.RANDOM -> TurnOrder.OPEN
            Schedule.CHAOS -> TurnOrder.ANY
        }

    override fun choose(bound: Int): Int = choices.nextInt(bound).also { transcript.mix(it.toLong()) }

    private var numbers = 0

    fun nextNumber(): Int = numbers++

    fun addHost(
        name: String,
        address: InetAddress?,
        main: suspend () -> Unit,
    ): Host {
        checkHere("add host $name")
        val machine = network.addMachine(name, address)
        val host = Host(this, name, machine, main)
        hosts[name] = host
        host.start(machine)
        return host
    }

    /** Runs until [isOver]. @throws Deadlock if that never comes; it names the tasks of [awaited], or of all processes. */
    fun runUntil(
        awaited: HostProcess? = null,
        isOver: () -> Boolean,
    ) {
        while (!isOver()) {
            if (Thread.interrupted()) throw InterruptedException("the thread of a simulation was interrupted")
            if (!goOn()) throw stuck("deadlock at $now: nothing more can happen", awaited, ::Deadlock)
        }
    }

    /** Lets the next thing happen, or time pass; returns false if nothing can happen. */
    private fun goOn(): Boolean {
        val chore = chores.removeFirstOrNull()
        if (chore != null) {
            chore()
            return true
        }
        agenda.runDue()
        if (runOne()) return true
        if (others.takeWoken()) {
            moment++
            return true
        }
        val next = agenda.nextNanos?.takeIf { it != Long.MAX_VALUE }
        if (!others.await(isIdle = next == null)) {
            if (next == null) return false
            agenda.advanceTo(next)
        }
        moment++
        return true
    }

    /** Does one piece of threads' work, or one turn of a loop; returns false if there is none. */
    private fun runOne(): Boolean {
        val next = ready.take { count -> if (schedule == Schedule.ASYNCIO || count == 1) 0 else choose(count) } ?: return false
        run(next.process, next.action)
        return true
    }

    /** As [inside], for what counts as a turn of [process]. */
    private fun run(
        process: HostProcess,
        block: () -> Unit,
    ) {
        countTurn(process)
        inside(process, block)
        others.turnEnded(process)
        invariants.turnEnded(process)
    }

    /** Runs [block], which is code of [process]. */
    inline fun inside(
        process: HostProcess,
        block: () -> Unit,
    ) {
        transcript.mix(agenda.nowNanos)
        transcript.mix(process.number.toLong())
        current = process
        try {
            block()
        } catch (e: SelfCrash) {
            if (e.process !== process) throw e
        } finally {
            current = null
        }
    }

    /**
     * Ends all hosts, in the order in which they began, and adds to [failures] what keeps them from that. Once the thread was interrupted,
     * as [failures] tell, it closes them instead, without another turn of theirs.
     */
    fun end(failures: MutableList<Throwable>) {
        isEnding = true
        while (true) {
            val process = live.firstOrNull() ?: break
            failures.adding { if (failures.any { it is InterruptedException }) process.close() else end(process) }
        }
        while (true) failures.adding(chores.removeFirstOrNull() ?: break)
        failures += leaks
    }

    /** [process] has something to do; called by any thread. */
    fun wake(process: HostProcess) {
        if (isOwnThread) wakeHere(process) else others.wake(process)
    }

    override fun waitingThreadsChanged() = others.changed()

    override fun runLater(block: () -> Unit) = later(block)

    override fun startLoop(
        name: String,
        main: suspend () -> Unit,
        ended: (Throwable?) -> Unit,
    ): EventLoop {
        checkHere("start loop $name")
        val host = checkNotNull(current?.host) { "only code of a host can start loop $name on it" }
        return host.startLoop(name, main, ended)
    }

    /** Whether the calling code is the world's own or, maybe in a thread that carries a body, of the host that has its turn. */
    override val isOwnThread: Boolean get() = Thread.currentThread() === thread || current?.loop?.isInLoop == true

    /** @throws IllegalStateException in another thread, which would run at the same time as the simulation. */
    fun checkHere(what: String) =
        check(isOwnThread) {
            "thread ${Thread.currentThread().name} cannot $what: only code of the simulation may, by its tasks or by toThread"
        }

    fun wakeHere(process: HostProcess) {
        if (!process.isOver && !process.isPaused) ready.add(process)
    }

    /** [process] has nothing to do from now on. */
    fun forget(process: HostProcess) {
        ready.forget(process)
        live -= process
    }

    fun pause(process: HostProcess) = ready.remove(process)

    /** Does [chore] when no loop runs. */
    fun later(chore: () -> Unit) {
        chores += chore
    }

    fun submit(
        process: HostProcess,
        action: Runnable,
    ) {
        if (!process.isOver) ready.add(process, action)
    }

    /** Ends [process], and waits for that; what keeps it from ending is thrown. */
    private fun end(process: HostProcess) {
        process.host.resume()
        process.pause.end()
        process.end()
        val begun = agenda.nowNanos
        try {
            runUntil(process) { process.isOver || agenda.nowNanos - begun > LONGEST_END_NANOS }
            if (!process.isOver) throw stuck("host ${process.name} has not ended after an hour", process, ::Deadlock)
        } finally {
            process.close()
        }
    }

    private fun reported(
        loop: EventLoop,
        context: ExceptionContext,
    ) {
        val host = hosts.values.firstNotNullOfOrNull { host -> host.processes.firstOrNull { it.loop === loop } }?.name.orEmpty()
        transcript.add(host, context.message + context.exception?.let { ": $it" }.orEmpty())
    }

    private fun countTurn(process: HostProcess) {
        if (process.countTurn(moment) <= MOST_TURNS_OF_A_MOMENT) return
        val turns = "$MOST_TURNS_OF_A_MOMENT turns of host ${process.name} have not ended what is ready now"
        val remedy = "local traffic and toThread take no time: sleep in what repeats them"
        throw stuck("time stands still at $now: $turns ($remedy)", null) { AssertionError(it) }
    }

    private fun <E : Throwable> stuck(
        what: String,
        only: HostProcess?,
        failure: (String) -> E,
    ): E {
        val of = if (only == null) live else listOf(only)
        val stuck = of.map { it to StuckTasks(it.loop) }.filter { (_, tasks) -> tasks.count > 0 }
        val lines = stuck.joinToString("") { (process, tasks) -> "\n  host ${process.name}:${tasks.lines}" }
        val error = failure("$what, and ${stuck.sumOf { it.second.count }} task(s) are stuck$lines")
        return error.apply { stuck.forEach { it.second.addTo(this) } }
    }

    val now: Duration get() = agenda.nowNanos.nanoseconds

    private companion object {
        const val MOST_TURNS_OF_A_MOMENT = 1_000_000
        const val LONGEST_END_NANOS = 3_600L * 1_000_000_000
    }
}

/** Leaves the loop of [process] at once, since its code has crashed its own host. */
internal class SelfCrash(
    val process: HostProcess,
) : FatalError("host ${process.host.name} has crashed itself")
