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
 * A child of this process, with streams for its pipes. It is made by [createSubprocessExec] and [createSubprocessShell].
 *
 * It goes on whatever becomes of the task that has started it, until it ends, is killed, or the loop is closed.
 *
 * Source: `asyncio.subprocess.Process`.
 */
public class Process internal constructor(
    private val transport: ChildTransport,
    protocol: SubprocessStreamProtocol,
    private val loop: EventLoop,
) {
    /** What the child reads; null if that is no pipe. Source: `Process.stdin`. */
    public val stdin: StreamWriter? = protocol.stdin

    /** What the child writes; null if that goes to no pipe. Source: `Process.stdout`. */
    public val stdout: StreamReader? = protocol.stdout

    /** Standard error of the child; null if it is not a pipe. Source: `Process.stderr`. */
    public val stderr: StreamReader? = protocol.stderr

    /** The number by which the system knows the child; with a shell, the shell's. Source: `Process.pid`. */
    public val pid: Long get() = transport.pid

    /**
     * What the child has ended with; null while it runs. For signals see [SubprocessTransport.returncode].
     *
     * Source: `Process.returncode`.
     */
    public val returncode: Int? get() = transport.returncode

    /**
     * Waits until the child has ended. Its pipes may stay open: its own children may hold them, and what was written is there to read.
     *
     * A child that writes more than its pipes and readers hold ends only if somebody reads: use [communicate], or read. Any number of
     * tasks may wait; cancelling one of them ends its wait, and nothing else.
     *
     * Source: `Process.wait()`.
     *
     * @return [returncode].
     */
    public suspend fun wait(): Int = transport.wait()

    /**
     * Writes [input], closes `stdin`, reads `stdout` and `stderr` to their ends, all at the same time, and waits for the child.
     *
     * A child that does not read its input is no error. All output is kept in memory, up to the end of the pipes: if a child of the
     * child holds one, this waits for it too. If the task is cancelled the child goes on: kill it, and [wait].
     *
     * Source: `Process.communicate(input=None)`.
     *
     * @param input nothing if it is null; ignored if `stdin` is no pipe.
     * @throws java.io.IOException if a pipe breaks that is read from.
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
     * Sends the child a signal: as [SubprocessTransport.sendSignal].
     *
     * Source: `Process.send_signal(signal)`.
     *
     * @param signal its name: `"HUP"` or `"SIGHUP"`.
     * @throws ProcessLookupException if the child has ended and its pipes are closed.
     */
    public fun sendSignal(signal: String): Unit = transport.sendSignal(signal)

    /**
     * Asks the child to end, by the signal `TERM`. Windows knows no such thing, and kills it.
     *
     * Source: `Process.terminate()`.
     *
     * @throws ProcessLookupException if the child has ended and its pipes are closed.
     */
    public fun terminate(): Unit = transport.terminate()

    /**
     * Ends the child at once, by the signal `KILL`; not its own children.
     *
     * Source: `Process.kill()`.
     *
     * @throws ProcessLookupException if the child has ended and its pipes are closed.
     */
    public fun kill(): Unit = transport.kill()

    /**
     * Ends the child at once, and all that it has started, and what that has started, by the signal `KILL`.
     *
     * Parents come first, so that none sees its child die and goes on, as a shell does with its next command. What has ended already is
     * passed over: this never fails. What a process that has ended had started is not found, since the system no longer knows whose it
     * was; what one starts at the very moment of its end may escape. With all of them dead their pipes end, and so do [communicate] and
     * the readers.
     *
     * It looks through the system's processes, and so holds up the loop for milliseconds. asyncio has nothing like it.
     */
    public fun killTree(): Unit = transport.killTree()

    override fun toString(): String = "<Process $pid>"
}
