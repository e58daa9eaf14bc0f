// SPDX-License-Identifier: Apache-2.0
package dev.simul.netty.grpc

import dev.simul.context.ContextVar
import io.grpc.Context

/**
 * gRPC's own context, as a context variable: gRPC keeps it in a thread-local, and all tasks of a loop share the thread.
 *
 * A handler's task has it, and so have the tasks that it creates: the calls that they make end at the latest with the handler's call, by its
 * deadline or when it is cancelled.
 */
internal val callContext = ContextVar<Context?>("io.grpc.Context", null)

/** Runs [block] in gRPC's context of the calling task, if it has one. */
internal inline fun <T> inCallContext(block: () -> T): T {
    val context = callContext.get() ?: return block()
    val previous = context.attach()
    try {
        return block()
    } finally {
        context.detach(previous)
    }
}
