// SPDX-License-Identifier: Apache-2.0
package dev.simul.netty.grpc

import dev.simul.loop.EventLoop
import java.util.concurrent.Executor

/**
 * Runs what gRPC tells its listeners in the thread of [loop]: at once if that is the calling one, otherwise as a callback. Once the loop is
 * closed, nobody listens.
 */
internal class LoopExecutor(
    private val loop: EventLoop,
) : Executor {
    override fun execute(command: Runnable) {
        if (loop.isInLoop) return command.run()
        try {
            loop.callSoonThreadsafe(callback = command::run)
        } catch (e: IllegalStateException) {
            if (!loop.isClosed) throw e
        }
    }

    override fun toString(): String = "<gRPC's executor on $loop>"
}
