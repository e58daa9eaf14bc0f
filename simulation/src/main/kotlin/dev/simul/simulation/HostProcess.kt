// SPDX-License-Identifier: Apache-2.0
package dev.simul.simulation

import dev.simul.Future
import dev.simul.Task
import dev.simul.context.Context
import dev.simul.createTask
import dev.simul.loop.EventLoop
import dev.simul.loop.ExceptionContext
import dev.simul.loop.ExceptionHandler
import dev.simul.loop.crash
import dev.simul.loop.hasWork
import dev.simul.loop.nextTimerNanos
import dev.simul.loop.simulation
import dev.simul.setDefaultExecutor
import dev.simul.shutdownAsyncgens
import dev.simul.testing.cancelAllTasks
import dev.simul.testing.network.Machine
import dev.simul.testing.network.resolver
import dev.simul.testing.resolveBy
import dev.simul.testing.tellSteps
import dev.simul.wait

/**
 * One life of a host, or of another loop of a host: a loop, which runs a main from its start to its end or to a crash.
 *
 * @param name the host's, or that of the other loop.
 * @param mainHasEnded is called with the main.
 * @param closed is called once the loop is closed, other than by a crash.
 * @param died tells whether the process ends, rather than the simulation, by an error that has left the loop.
 */
internal class HostProcess(
    private val world: World,
    val host: Host,
    val machine: Machine,
    val name: String,
    private val mainHasEnded: (Future<*>) -> Unit,
    private val closed: () -> Unit,
    private val died: (Throwable) -> Boolean = { false },
) {
    /** Its own; its host has another one. */
    val pause: Pause = Pause(world, name) { listOf(this) }

    val isPaused: Boolean get() = host.isPaused || pause.isOn

    var main: Task<*>? = null
        private set

    private val poller = HostPoller(machine, host.clock) { world.wake(this) }

    private val executor = HostExecutor { world.submit(this, it) }

    val loop: EventLoop

    /** For the hash of the run. */
    val number: Int = world.nextNumber()

    /** What it does when the world lets it. */
    val nextTurn: ReadyHosts.Ready = ReadyHosts.Ready(this, ::turn)

    /** Whether it is among those that have something to do. */
    var isQueued: Boolean = false

    private var lastMoment = -1L
    private var turnsOfLastMoment = 0

    /** When its first timer is due. */
    private var alarm: Agenda.Entry? = null

    var state: State = State.RUNNING
        private set

    val isOver: Boolean get() = state == State.CRASHED || state == State.CLOSED

    init {
        loop = EventLoop(host.clock, poller)
        poller.loop = loop
        loop.simulation = world
        loop.random = world.choices.random
        loop.exceptionHandler = world.errors.handler
        loop.resolveBy(machine.resolver)
        loop.setDefaultExecutor(executor)
        world.transcript.listener?.let { listener -> loop.tellSteps { listener.step(world.agenda.nowNanos, name, it) } }
    }

    /** Makes the task of its [main], with a copy of the current context if [context] is null; it begins in the loop's first turn. */
    fun start(
        context: Context?,
        main: suspend () -> Any?,
    ) {
        val task = loop.createTask(context = context, coroutine = main)
        this.main = task
        task.addDoneCallback { ended(it) }
        world.wake(this)
    }

    private fun ended(main: Future<*>) {
        if (isOver) return
        mainHasEnded(main)
        world.later(::end)
    }

    /** Runs one turn of the loop. */
    private fun turn() {
        try {
            loop.runForever()
        } catch (e: SelfCrash) {
            throw e
        } catch (e: Throwable) {
            if (isOver || !died(e)) throw e
            world.later(::end)
        }
        if (loop.hasWork || poller.hasReadyChannels) {
            world.wakeHere(this)
        } else if (!isOver) {
            setAlarm()
        }
    }

    /** Counts a turn of the loop, or a piece of its threads' work, and returns how many there were in this [moment]. */
    fun countTurn(moment: Long): Int {
        if (moment != lastMoment) {
            lastMoment = moment
            turnsOfLastMoment = 0
        }
        return ++turnsOfLastMoment
    }

    private fun setAlarm() {
        val due = loop.nextTimerNanos
        if (due == Long.MAX_VALUE) return cancelAlarm()
        val time = host.clock.agendaTimeOf(due)
        val before = alarm
        if (before != null && !before.isDone && before.nanos <= time) return
        cancelAlarm()
        alarm = world.agenda.at(time, ::alarmed)
    }

    private fun alarmed() {
        alarm = null
        val due = loop.nextTimerNanos
        if (due <= host.clock.nanoTime()) world.wake(this) else setAlarm()
    }

    private fun cancelAlarm() {
        alarm?.cancel()
        alarm = null
    }

    /** Ends the process as `run` ends a program: cancels its tasks, and then closes its loop. */
    fun end() {
        if (state != State.RUNNING) return
        state = State.ENDING
        val tasks = loop.cancelAllTasks()
        val end =
            loop.createTask("the end of $name") {
                if (tasks.isNotEmpty()) wait(tasks)
                tasks.forEach(::reportFailure)
                loop.shutdownAsyncgens()
            }
        end.addDoneCallback { world.later { close() } }
        world.wake(this)
    }

    private fun reportFailure(task: Task<*>) {
        if (task.cancelled() || task === main) return
        val failure = task.exception() ?: return
        loop.callExceptionHandler(ExceptionContext("unhandled exception at the end of host $name", failure, mapOf("task" to task)))
    }

    /** Closes the loop, whatever it still has. */
    fun close() {
        if (isOver) return
        state = State.CLOSED
        silence()
        world.inside(this, loop::close)
        world.leaks.adding(closed)
        world.leaks.adding(::checkNothingLeft)
    }

    private fun checkNothingLeft() {
        if (host.processes.any { !it.isOver }) return
        val open = machine.openSockets
        check(open.isEmpty()) { "host ${host.name} has left ${open.size} socket(s) open: ${open.joinToString()}" }
    }

    /** As if the machine had lost its power: nothing that is still done here is seen by anybody. */
    fun crash() {
        state = State.CRASHED
        loop.crash()
        machine.cutOff()
        silence()
        loop.exceptionHandler = ExceptionHandler { _, _ -> }
        world.later { world.inside(this, loop::close) }
    }

    private fun silence() {
        cancelAlarm()
        executor.shutdownNow()
        world.forget(this)
    }

    enum class State {
        RUNNING,

        /** Its main has ended, and its other tasks end. */
        ENDING,

        CLOSED,
        CRASHED,
    }
}
