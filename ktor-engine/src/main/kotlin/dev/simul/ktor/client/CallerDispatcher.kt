// SPDX-License-Identifier: Apache-2.0
package dev.simul.ktor.client

import dev.simul.dispatcher
import dev.simul.loop.EventLoop
import dev.simul.loop.getRunningLoopOrNull
import kotlinx.coroutines.CoroutineDispatcher
import kotlinx.coroutines.Runnable
import kotlin.coroutines.CoroutineContext

/** Goes on in place where a loop runs, and else in [fallback]'s thread. */
internal class CallerDispatcher(
    private val fallback: () -> EventLoop,
) : CoroutineDispatcher() {
    override fun isDispatchNeeded(context: CoroutineContext): Boolean = getRunningLoopOrNull() == null

    override fun dispatch(
        context: CoroutineContext,
        block: Runnable,
    ): Unit = (getRunningLoopOrNull() ?: fallback()).dispatcher.dispatch(context, block)

    override fun toString(): String = "the dispatcher of the caller's loop"
}
