// SPDX-License-Identifier: Apache-2.0
package dev.simul

import dev.simul.loop.ContextCarrier
import dev.simul.loop.EventLoop
import kotlinx.coroutines.ThreadContextElement
import kotlin.coroutines.EmptyCoroutineContext

/**
 * As [EventLoop.addContextCarrier], by what an integration with kotlinx.coroutines offers: [capture] returns an element that holds the calling
 * thread's state, such as `MDCContext()` of kotlinx-coroutines-slf4j, or `Context.current().asContextElement()` of OpenTelemetry.
 *
 * A task then begins with the state of the code that has created it, also inside a `withContext(MDCContext(…))`, and keeps its changes.
 *
 * @throws IllegalStateException if another thread runs the loop.
 */
public fun EventLoop.addContextCarrier(capture: () -> ThreadContextElement<*>): ContextCarrier =
    addContextCarrier(capture) { it.updateThreadContext(EmptyCoroutineContext) }
