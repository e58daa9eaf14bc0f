// SPDX-License-Identifier: Apache-2.0
package dev.simul.testing

import dev.simul.Runner
import dev.simul.Task
import dev.simul.createTask
import dev.simul.exceptions.isCancellation
import dev.simul.loop.EventLoop
import dev.simul.loop.ExceptionContext
import dev.simul.loop.ExceptionHandler
import dev.simul.loop.NioPoller
import java.nio.channels.spi.SelectorProvider
import java.util.concurrent.ScheduledExecutorService
import java.util.concurrent.TimeUnit

/** When a program is cancelled. */
internal sealed interface Moment {
    data object Never : Moment

    /** At the beginning of the turn that follows [turns] others. */
    data class Turn(
        val turns: Int,
    ) : Moment

    data class Later(
        val nanos: Long,
    ) : Moment
}

/**
 * The outcome of a run.
 *
 * @property turns how many turns the program took.
 * @property cut describes where it was cancelled; null if it ended before that.
 * @property findings describes what was wrong.
 * @property causes the exceptions that were wrong.
 * @property isOfProcess whether a finding concerns the process, which other threads may have affected.
 */
internal class CancelOutcome(
    val turns: Int,
    val cut: String?,
    val findings: List<String>,
    val causes: List<Throwable>,
    val isOfProcess: Boolean,
)

/** One run of a program that is cancelled at its [moment]. */
internal class CancelRun<S>(
    private val trial: CancelTrial<S>,
    private val moment: Moment,
    private val alarm: ScheduledExecutorService,
) {
    private val options = trial.options
    private val network = options.network?.invoke()
    private val clock = if (options.virtualTime) VirtualClock(selectorProvider = network ?: SelectorProvider.provider()) else null
    private val poller = TurnPoller(clock ?: NioPoller(), options, alarm)
    private val loop: EventLoop = (clock?.newLoop(poller) ?: EventLoop(poller = poller)).also { poller.loop = it }
    private val findings = ArrayList<String>()
    private val causes = ArrayList<Throwable>()
    private val reports = ArrayList<ExceptionContext>()
    private var cut: String? = null
    private var turns = 0

    fun run(): CancelOutcome {
        val process = ProcessState.now()
        try {
            Runner(options.debug) { loop }.use { runner ->
                runner.loop.exceptionHandler = ExceptionHandler { _, context -> reports += context }
                poller.grant()
                run(runner)
                poller.grant()
            }
        } catch (e: SetUpFailed) {
            throw e.failure
        } catch (e: Throwable) {
            found("the loop could not be closed in order: $e", e)
        }
        reports.forEach { found("the loop's exception handler got: ${it.withException()}", it.exception) }
        network?.openChannels?.forEach { found("a socket is open: $it", null) }
        val ofProcess = process.newSince(options.settle)
        findings += ofProcess
        return CancelOutcome(turns, cut, findings, causes, ofProcess.isNotEmpty())
    }

    private fun run(runner: Runner) {
        val state =
            try {
                runner.run(main = trial.setUp)
            } catch (e: Throwable) {
                throw SetUpFailed(e)
            }
        val before = LoopState.of(loop)
        val locks = HeldLocks.of(trial.locksOf(state))
        val task = loop.createTask { trial.program(state) }
        if (!runProgram(runner, task)) return
        settle(before)
        findings += LoopState.of(loop).since(before) + HeldLocks.of(trial.locksOf(state)).since(locks)
        poller.grant()
        try {
            runner.run { trial.check(state) }
        } catch (e: Throwable) {
            found("the check has failed: $e", e)
        }
    }

    /** Returns whether the program has ended. */
    private fun runProgram(
        runner: Runner,
        task: Task<*>,
    ): Boolean {
        cutWhenItIsTime(task)
        val before = poller.turns
        poller.grant()
        val failure = runCatching { runner.run(task) }.exceptionOrNull()
        turns = poller.turns - before
        poller.onTurn = {}
        when {
            !task.done() -> found("it does not end: ${failure?.message}", failure)
            failure != null && !(failure.isCancellation && cut != null) -> found("it fails with $failure", failure)
        }
        return task.done()
    }

    private fun cutWhenItIsTime(task: Task<*>) {
        when (val moment = moment) {
            is Moment.Never -> {}
            is Moment.Turn -> {
                val first = poller.turns
                poller.onTurn = { if (it - first == moment.turns) loop.current.runDetached { cut(task, moment.turns) } }
            }
            is Moment.Later ->
                alarm.schedule({ cutThreadsafe(task, poller.turns) }, moment.nanos, TimeUnit.NANOSECONDS)
        }
    }

    private fun cutThreadsafe(
        task: Task<*>,
        first: Int,
    ) {
        if (!loop.isClosed) loop.callSoonThreadsafe { cut(task, poller.turns - first) }
    }

    private fun cut(
        task: Task<*>,
        turns: Int,
    ) {
        if (task.done()) return
        val line = AwaitingLine.of(task)?.let { ", at $it" } ?: ", in code that does not tell its line"
        cut = if (turns == 0) "cancelled before its first step" else "cancelled after $turns turn(s)$line"
        task.cancel()
        poller.grant()
    }

    /** Runs the loop until nothing is ready and the state is as [before], or the time for that is over. */
    private fun settle(before: LoopState) {
        // Threads and the system also get this time.
        val deadline = System.nanoTime() + options.settle.inWholeNanoseconds
        poller.grant()
        poller.onIdle = {
            val isSettled = LoopState.of(loop).since(before).isEmpty()
            if (isSettled || clock?.isWaitingForOthers == false || System.nanoTime() >= deadline) {
                loop.stop()
                0
            } else {
                LOOK_EVERY_NANOS
            }
        }
        loop.runForever()
        poller.onIdle = { null }
    }

    private fun found(
        finding: String,
        cause: Throwable?,
    ) {
        findings += finding
        if (cause != null) causes += cause
    }

    private class SetUpFailed(
        val failure: Throwable,
    ) : RuntimeException(failure)

    private companion object {
        const val LOOK_EVERY_NANOS = 2_000_000L
    }
}
