// SPDX-License-Identifier: Apache-2.0
package dev.simul.process

import dev.simul.transports.BaseTransport
import dev.simul.transports.Transport
import java.io.IOException

/**
 * A child process; the counterpart of a [SubprocessProtocol].
 *
 * Source: `asyncio.SubprocessTransport`.
 */
public interface SubprocessTransport : BaseTransport {
    /** The protocol that receives the events. Source: `BaseTransport.get_protocol()`, `BaseTransport.set_protocol(protocol)`. */
    public var protocol: SubprocessProtocol

    /** The system's process id. Source: `SubprocessTransport.get_pid()`. */
    public val pid: Long

    /**
     * The exit code of the child; null while it runs.
     *
     * If a signal killed the child, it is 128 plus the signal's number, as in shells and the JDK; but if this transport sent that signal,
     * it is the negative number: -9 after [kill].
     *
     * Source: `SubprocessTransport.get_returncode()`.
     */
    public val returncode: Int?

    /**
     * The pipe to the child's standard input (0), or from its standard output (1) or error (2); null if there is none.
     *
     * Source: `SubprocessTransport.get_pipe_transport(fd)`.
     */
    public fun getPipeTransport(fd: Int): Transport?

    /**
     * Sends a signal to the child. Does nothing if the child has just ended.
     *
     * Signals other than `TERM` and `KILL` are sent by the system's `kill` command, which blocks the loop for some milliseconds.
     *
     * Source: `SubprocessTransport.send_signal(signal)`.
     *
     * @param signal its name, as `kill -l` lists it: `"HUP"` or `"SIGHUP"`.
     * @throws ProcessLookupException if the child has ended and its pipes are closed.
     * @throws IllegalArgumentException if this system knows no signal of that name.
     * @throws IOException if the system refuses.
     */
    @Throws(IOException::class)
    public fun sendSignal(signal: String)

    /**
     * Asks the child to end, by the signal `TERM`. On Windows, which has no such signal, the child is killed.
     *
     * Source: `SubprocessTransport.terminate()`.
     *
     * @throws ProcessLookupException if the child has ended and its pipes are closed.
     */
    @Throws(ProcessLookupException::class)
    public fun terminate()

    /**
     * Kills the child by the signal `KILL`, but not its own children.
     *
     * Source: `SubprocessTransport.kill()`.
     *
     * @throws ProcessLookupException if the child has ended and its pipes are closed.
     */
    @Throws(ProcessLookupException::class)
    public fun kill()

    /**
     * Kills the child, if it still runs, and closes the pipes; unsent data is dropped.
     *
     * Source: `SubprocessTransport.close()`.
     */
    override fun close()
}
