// SPDX-License-Identifier: Apache-2.0
package dev.simul

import dev.simul.loop.EventLoop
import dev.simul.loop.ExceptionContext
import dev.simul.loop.LoopLocal
import kotlinx.coroutines.CoroutineExceptionHandler
import kotlin.coroutines.AbstractCoroutineContextElement
import kotlin.coroutines.CoroutineContext

/** Passes failures of a task's kotlinx children that have no other receiver to the loop's exception handler. */
internal class LoopExceptionHandler private constructor(
    private val loop: EventLoop,
) : AbstractCoroutineContextElement(CoroutineExceptionHandler),
    CoroutineExceptionHandler {
    override fun handleException(
        context: CoroutineContext,
        exception: Throwable,
    ) {
        if (loop.isClosed) {
            val thread = Thread.currentThread()
            thread.uncaughtExceptionHandler.uncaughtException(thread, exception)
        } else {
            loop.runInLoop { loop.callExceptionHandler(describe(context, exception)) }
        }
    }

    private fun describe(
        context: CoroutineContext,
        exception: Throwable,
    ): ExceptionContext {
        val task = context[TaskBridge]?.step?.task
        val whose = if (task == null) "" else " of ${task.name}"
        return ExceptionContext("Unhandled exception in a kotlinx coroutine$whose", exception, listOfNotNull(task).associateBy { "task" })
    }

    override fun toString(): String = "the exception handler of $loop"

    companion object {
        private val of = LoopLocal(initial = ::LoopExceptionHandler)

        operator fun get(loop: EventLoop): LoopExceptionHandler = of[loop]
    }
}
