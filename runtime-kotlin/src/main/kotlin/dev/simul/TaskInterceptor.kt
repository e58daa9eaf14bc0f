// SPDX-License-Identifier: Apache-2.0
package dev.simul

import dev.simul.loop.EventLoop
import dev.simul.loop.LoopLocal
import kotlinx.coroutines.CancellableContinuation
import kotlinx.coroutines.CoroutineDispatcher
import kotlinx.coroutines.Delay
import kotlinx.coroutines.InternalCoroutinesApi
import kotlinx.coroutines.Runnable
import kotlin.coroutines.CoroutineContext
import kotlin.coroutines.jvm.internal.CoroutineStackFrame

/**
 * The dispatcher of a loop's tasks, for foreign code: it resumes their frames, and those of their kotlinx children, as callbacks of the
 * loop, each inside a step of its task.
 */
@OptIn(InternalCoroutinesApi::class)
internal class TaskInterceptor(
    private val dispatcher: EventLoopDispatcher,
) : CoroutineDispatcher(),
    Delay by dispatcher {
    override fun dispatch(
        context: CoroutineContext,
        block: Runnable,
    ) {
        val own = context.ownStep?.bridge()
        own?.queued(block)
        dispatcher.dispatch(context, block, own ?: context[TaskBridge])
    }

    override fun scheduleResumeAfterDelay(
        timeMillis: Long,
        continuation: CancellableContinuation<Unit>,
    ) {
        continuation.context.ownStep?.bridge()?.waitsAt(continuation as? CoroutineStackFrame)
        dispatcher.scheduleResumeAfterDelay(timeMillis, continuation)
    }

    override fun dispatchYield(
        context: CoroutineContext,
        block: Runnable,
    ) {
        dispatcher.queueDueTimeouts()
        dispatch(context, block)
    }

    override fun toString(): String = "the dispatcher of the tasks of ${dispatcher.loop}"

    companion object {
        private val of = LoopLocal { loop -> TaskInterceptor(loop.dispatcher as EventLoopDispatcher) }

        operator fun get(loop: EventLoop): TaskInterceptor = of[loop]

        /** Whether a task of [loop] has had to do with foreign code. */
        fun isUsed(loop: EventLoop): Boolean = of.getOrNull(loop) != null
    }
}
