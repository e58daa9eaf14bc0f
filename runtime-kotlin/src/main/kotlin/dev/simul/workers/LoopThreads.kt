// SPDX-License-Identifier: Apache-2.0
package dev.simul.workers

import dev.simul.Runner
import dev.simul.loop.DaemonThread
import dev.simul.loop.EventLoop
import dev.simul.loop.setEventLoop
import dev.simul.loop.startingThread
import dev.simul.transports.orElseClosed

/**
 * Real threads. They are daemons: a program that has left its supervisor ends, even if a worker hangs.
 *
 * @param debug whether the loops are in debug mode; if null, as every new loop.
 */
internal class LoopThreads(
    private val debug: Boolean?,
) : WorkerThreads {
    override fun start(
        name: String,
        configure: (EventLoop) -> Unit,
        main: suspend () -> Unit,
        ended: (Throwable?) -> Unit,
    ): WorkerThread {
        val loop = EventLoop()
        return loop.orElseClosed {
            configure(loop)
            val program = Runnable { ended(failureOf { runLoop(loop, main) }) }
            val thread = DaemonThread(name, classLoader = Thread.currentThread().contextClassLoader, work = program)
            LoopThread(loop, thread).also { startingThread { thread.start() } }
        }
    }

    private fun runLoop(
        loop: EventLoop,
        main: suspend () -> Unit,
    ) {
        val runner = Runner(debug, loopFactory = { loop })
        runner.leavesInterrupts = true
        try {
            setEventLoop(loop)
            runner.use { it.run(main = main) }
        } finally {
            loop.close() // The runner has done so, unless it could not begin.
        }
    }

    private inline fun failureOf(block: () -> Unit): Throwable? =
        try {
            block()
            null
        } catch (e: Throwable) {
            e
        }

    private class LoopThread(
        override val loop: EventLoop,
        private val thread: Thread,
    ) : WorkerThread {
        /** That of the stack that holds the loop, which may be a body's. */
        override fun stackTrace(): List<StackTraceElement> = (loop.stacks.holder?.thread ?: thread).stackTrace.asList()
    }
}
