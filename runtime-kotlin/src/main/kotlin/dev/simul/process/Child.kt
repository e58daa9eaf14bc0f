// SPDX-License-Identifier: Apache-2.0
package dev.simul.process

import dev.simul.loop.EventLoop
import dev.simul.loop.isNio
import dev.simul.loop.openPipe
import dev.simul.loop.startingThread
import dev.simul.refuseInSimulation
import dev.simul.transports.BlockingReadEnd
import dev.simul.transports.BlockingWriteEnd
import dev.simul.transports.ReadEnd
import dev.simul.transports.WatchedReadEnd
import dev.simul.transports.WatchedWriteEnd
import dev.simul.transports.WriteEnd

/** A process that was started, and this side's ends of its pipes. */
internal class Child(
    val process: java.lang.Process,
    val stdin: WriteEnd?,
    val stdout: ReadEnd?,
    val stderr: ReadEnd?,
) {
    companion object {
        fun start(
            loop: EventLoop,
            command: ChildCommand,
        ): Child {
            loop.refuseInSimulation("a child process", "give the host a coroutine that does what the child would")
            // Other pollers may or may not watch channels; a virtual clock does not.
            if (loop.poller.isNio && PathPipe.areAvailable) {
                val pipes = PathPipe.open(command.pipedStreams.size, loop::openPipe)
                if (pipes != null) return startSelected(loop, command, command.pipedStreams.zip(pipes).toMap())
            }
            return startBlocking(loop, command)
        }

        private fun startSelected(
            loop: EventLoop,
            command: ChildCommand,
            pipes: Map<Int, PathPipe>,
        ): Child {
            try {
                val builder = command.toBuilder()
                pipes[0]?.let { builder.redirectInput(ProcessBuilder.Redirect.from(it.path)) }
                pipes[1]?.let { builder.redirectOutput(ProcessBuilder.Redirect.to(it.path)) }
                pipes[2]?.let { builder.redirectError(ProcessBuilder.Redirect.to(it.path)) }
                return startingThread { builder.start() }.killedIfFails { connect(loop, it, pipes) }
            } catch (e: Throwable) {
                pipes.values.forEach { it.close() }
                throw e
            }
        }

        private fun connect(
            loop: EventLoop,
            process: java.lang.Process,
            pipes: Map<Int, PathPipe>,
        ): Child =
            Child(
                process,
                pipes[0]?.let { WatchedWriteEnd(loop, it.takeSink()) },
                pipes[1]?.let { WatchedReadEnd(loop, it.takeSource()) },
                pipes[2]?.let { WatchedReadEnd(loop, it.takeSource()) },
            )

        private fun startBlocking(
            loop: EventLoop,
            command: ChildCommand,
        ): Child {
            val process = startingThread { command.toBuilder().start() }
            return Child(
                process,
                process.outputStream.takeIf { 0 in command.pipedStreams }?.let { BlockingWriteEnd(loop, it) },
                process.inputStream.takeIf { 1 in command.pipedStreams }?.let { BlockingReadEnd(loop, it) },
                process.errorStream.takeIf { 2 in command.pipedStreams }?.let { BlockingReadEnd(loop, it) },
            )
        }
    }
}

private inline fun java.lang.Process.killedIfFails(block: (java.lang.Process) -> Child): Child =
    try {
        block(this)
    } catch (e: Throwable) {
        destroyForcibly()
        throw e
    }
