// SPDX-License-Identifier: Apache-2.0
package dev.simul.process

import dev.simul.gather
import dev.simul.loop.EventLoop
import dev.simul.loop.logger
import dev.simul.streams.StreamReader
import dev.simul.streams.StreamWriter
import dev.simul.transports.BrokenPipeException
import dev.simul.transports.ConnectionResetException

/**
 * A child process, with streams for its pipes; created by [createSubprocessExec] and [createSubprocessShell].
 *
 * It runs independently of the task that started it, until it ends, is killed, or the loop is closed.
 *
 * Source: `asyncio.subprocess.Process`.
 */
public class Process internal constructor(
    private val transport: ChildTransport,
    protocol: SubprocessStreamProtocol,
    private val loop: EventLoop,
) {
    /** Standard input of the child; null if it is not a pipe. Source: `Process.stdin`. */
    public val stdin: StreamWriter? = protocol.stdin

    /** Standard output of the child; null if it is not a pipe. Source: `Process.stdout`. */
    public val stdout: StreamReader? = protocol.stdout

    /** Standard error of the child; null if it is not a pipe. Source: `Process.stderr`. */
    public val stderr: StreamReader? = protocol.stderr

    /** The system's process id; with a shell, the shell's. Source: `Process.pid`. */
    public val pid: Long get() = transport.pid

    /**
     * The exit code of the child; null while it runs. For signals see [SubprocessTransport.returncode].
     *
     * Source: `Process.returncode`.
     */
    public val returncode: Int? get() = transport.returncode

    /**
     * Waits until the child has ended. Its pipes may stay open, since its own children may hold them; unread output stays available.
     *
     * A child that writes more than its pipes and readers hold ends only if its output is read: use [communicate], or read. Any number of
     * tasks may wait; cancelling one of them only ends its wait.
     *
     * Source: `Process.wait()`.
     *
     * @return [returncode].
     */
    public suspend fun wait(): Int = transport.wait()

    /**
     * Writes [input], closes `stdin`, reads `stdout` and `stderr` to their ends, all concurrently, and waits for the child.
     *
     * It is not an error if the child does not read its input. All output is kept in memory, up to the end of the pipes: if a child of the
     * child holds one, this waits for it too. If the task is cancelled, the child continues: kill it, and [wait].
     *
     * Source: `Process.communicate(input=None)`.
     *
     * @param input null for none; ignored if `stdin` is not a pipe.
     * @throws java.io.IOException if reading from a pipe fails.
     */
    public suspend fun communicate(input: ByteArray? = null): Output {
        val (_, out, err) = gather({ feed(input) }, { read(stdout, 1) }, { read(stderr, 2) }).await()
        wait()
        return Output(out, err)
    }

    private suspend fun feed(input: ByteArray?): ByteArray? {
        val stdin = stdin ?: return null
        try {
            if (input != null) stdin.write(input)
            stdin.drain()
        } catch (e: BrokenPipeException) {
            ignore(e)
        } catch (e: ConnectionResetException) {
            ignore(e)
        }
        stdin.close()
        return null
    }

    private fun ignore(exception: Throwable) {
        if (loop.debug) logger.debug("{} does not read its input", this, exception)
    }

    private suspend fun read(
        reader: StreamReader?,
        fd: Int,
    ): ByteArray? {
        val output = reader?.read()
        transport.getPipeTransport(fd)?.close()
        return output
    }

    /**
     * Sends a signal to the child: as [SubprocessTransport.sendSignal].
     *
     * Source: `Process.send_signal(signal)`.
     *
     * @param signal its name: `"HUP"` or `"SIGHUP"`.
     * @throws ProcessLookupException if the child has ended and its pipes are closed.
     */
    public fun sendSignal(signal: String): Unit = transport.sendSignal(signal)

    /**
     * Asks the child to end, by the signal `TERM`. On Windows, which has no such signal, the child is killed.
     *
     * Source: `Process.terminate()`.
     *
     * @throws ProcessLookupException if the child has ended and its pipes are closed.
     */
    public fun terminate(): Unit = transport.terminate()

    /**
     * Kills the child by the signal `KILL`, but not its own children.
     *
     * Source: `Process.kill()`.
     *
     * @throws ProcessLookupException if the child has ended and its pipes are closed.
     */
    public fun kill(): Unit = transport.kill()

    /**
     * Kills the child and all of its descendants by the signal `KILL`.
     *
     * Parents are killed first, so that none sees its child die and continues, as a shell does with its next command. Processes that have
     * already ended are skipped: this never fails. Children of a process that had already ended are not found, since the system no longer
     * knows their parent; a child started just as its parent ends may escape. Once all are dead their pipes end, and so do [communicate]
     * and the readers.
     *
     * It scans the system's processes, which blocks the loop for milliseconds. asyncio has no equivalent.
     */
    public fun killTree(): Unit = transport.killTree()

    override fun toString(): String = "<Process $pid>"
}
