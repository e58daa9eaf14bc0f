// SPDX-License-Identifier: Apache-2.0
package dev.simul.testing

import dev.simul.Asker
import dev.simul.OutsideWork
import dev.simul.Task
import dev.simul.TaskInterceptor
import dev.simul.TaskRegistry
import dev.simul.allTasks
import dev.simul.loop.EventLoop
import dev.simul.loop.ExceptionContext
import dev.simul.loop.SimulationApi
import dev.simul.net.Resolver
import dev.simul.net.setDefaultResolver
import kotlinx.coroutines.Job

/** The errors of several loops, which hands those that were not expected to [report] instead of the log. */
@SimulationApi
public fun reportedErrors(report: (EventLoop, ExceptionContext) -> Unit): ReportedErrors = ReportedErrors(report)

/** Whether threads that no simulation knows of work for this loop, or code of kotlinx that may have such threads. */
@SimulationApi
public val EventLoop.mayHearFromOthers: Boolean get() = OutsideWork[this].isUnderWay || allTasks(this).any { it.step.isInForeignCode }

/** Whether threads that no simulation knows of work for this loop. */
@SimulationApi
public val EventLoop.awaitsThreads: Boolean get() = OutsideWork[this].isUnderWay

/** The coroutines of this loop's tasks that run, or wait, in threads of kotlinx's or of an executor; of each, the outermost there. */
@SimulationApi
public val EventLoop.coroutinesInThreads: List<Job>
    get() = if (TaskInterceptor.isUsed(this)) TaskRegistry[this].coroutinesInThreads() else emptyList()

/** Cancels all tasks of this loop, which does not run, as the end of `run` does; returns them. */
@SimulationApi
public fun EventLoop.cancelAllTasks(): List<Task<*>> =
    allTasks(this).toList().also { tasks -> TaskRegistry[this].asking(Asker.CLOSE) { tasks.forEach { it.cancel() } } }

/** Makes [resolver] the one that this loop has unless it is given another one. */
@SimulationApi
public fun EventLoop.resolveBy(resolver: Resolver): Unit = setDefaultResolver(resolver)
