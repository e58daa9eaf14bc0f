// SPDX-License-Identifier: Apache-2.0
package dev.simul.ktor.client

import dev.simul.dispatcher
import dev.simul.loop.EventLoop
import kotlinx.coroutines.CoroutineDispatcher
import kotlinx.coroutines.Delay
import kotlinx.coroutines.InternalCoroutinesApi
import kotlinx.coroutines.Runnable
import kotlin.coroutines.CoroutineContext

/**
 * Runs the code of a session in the thread of its loop, and in place if it is there already: the last frame is written before whoever sent
 * it goes on, and cancels the session.
 */
@OptIn(InternalCoroutinesApi::class)
internal class SessionDispatcher private constructor(
    private val loop: EventLoop,
    private val queue: CoroutineDispatcher,
) : CoroutineDispatcher(),
    Delay by queue as Delay {
    constructor(loop: EventLoop) : this(loop, loop.dispatcher)

    override fun isDispatchNeeded(context: CoroutineContext): Boolean = !loop.isInLoop

    override fun dispatch(
        context: CoroutineContext,
        block: Runnable,
    ): Unit = queue.dispatch(context, block)

    override fun toString(): String = "the dispatcher of a session on $loop"
}
