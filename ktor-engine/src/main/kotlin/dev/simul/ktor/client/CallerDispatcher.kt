// SPDX-License-Identifier: Apache-2.0
package dev.simul.ktor.client

import dev.simul.dispatcher
import dev.simul.loop.EventLoop
import dev.simul.loop.getRunningLoopOrNull
import kotlinx.coroutines.CancellableContinuation
import kotlinx.coroutines.CoroutineDispatcher
import kotlinx.coroutines.Delay
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.DisposableHandle
import kotlinx.coroutines.InternalCoroutinesApi
import kotlinx.coroutines.Runnable
import kotlin.coroutines.CoroutineContext
import kotlin.coroutines.resume

/**
 * Goes on in place where a loop runs, and else in the engine's own loop; its `delay` goes by the clock of that loop.
 *
 * The client of a [simulated] host goes on in the loop of that, even once it is closed: a simulation has no other threads.
 *
 * Once the engine is closed and its own loop has ended, code of other threads finds that out in a thread of kotlinx's, and need not wait.
 */
@OptIn(InternalCoroutinesApi::class)
internal class CallerDispatcher(
    private val own: OwnLoop,
    private val simulated: EventLoop?,
) : CoroutineDispatcher(),
    Delay {
    private fun loop(): EventLoop? = getRunningLoopOrNull() ?: simulated ?: own.getOrNull()

    override fun isDispatchNeeded(context: CoroutineContext): Boolean = getRunningLoopOrNull() == null

    override fun dispatch(
        context: CoroutineContext,
        block: Runnable,
    ): Unit = (loop()?.dispatcher ?: Dispatchers.Default).dispatch(context, block)

    override fun scheduleResumeAfterDelay(
        timeMillis: Long,
        continuation: CancellableContinuation<Unit>,
    ) {
        val delay = loop()?.dispatcher as Delay? ?: return continuation.resume(Unit)
        delay.scheduleResumeAfterDelay(timeMillis, continuation)
    }

    override fun invokeOnTimeout(
        timeMillis: Long,
        block: Runnable,
        context: CoroutineContext,
    ): DisposableHandle {
        val delay = loop()?.dispatcher as Delay?
        if (delay != null) return delay.invokeOnTimeout(timeMillis, block, context)
        block.run()
        return DisposableHandle {}
    }

    override fun toString(): String = "the dispatcher of the caller's loop"
}
