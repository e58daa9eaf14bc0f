// SPDX-License-Identifier: Apache-2.0
package dev.simul.process

import dev.simul.transports.BaseTransport
import dev.simul.transports.Transport
import java.io.IOException

/**
 * A child of this process; the other side of a [SubprocessProtocol].
 *
 * Source: `asyncio.SubprocessTransport`.
 */
public interface SubprocessTransport : BaseTransport {
    /** Who is told what happens. Source: `BaseTransport.get_protocol()`, `BaseTransport.set_protocol(protocol)`. */
    public var protocol: SubprocessProtocol

    /** The number by which the system knows the child. Source: `SubprocessTransport.get_pid()`. */
    public val pid: Long

    /**
     * What the child has ended with; null while it runs.
     *
     * A child that died of a signal has 128 and the signal's number, as shells and the JDK have it, but if this transport has sent
     * that signal it has the negative number: -9 after [kill].
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
     * Sends the child a signal. Does nothing if it has just ended.
     *
     * Signals other than `TERM` and `KILL` are sent by the system's `kill` command, which holds up the loop for some milliseconds.
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
     * Asks the child to end, by the signal `TERM`. Windows knows no such thing, and kills it.
     *
     * Source: `SubprocessTransport.terminate()`.
     *
     * @throws ProcessLookupException if the child has ended and its pipes are closed.
     */
    @Throws(ProcessLookupException::class)
    public fun terminate()

    /**
     * Ends the child at once, by the signal `KILL`; not its own children.
     *
     * Source: `SubprocessTransport.kill()`.
     *
     * @throws ProcessLookupException if the child has ended and its pipes are closed.
     */
    @Throws(ProcessLookupException::class)
    public fun kill()

    /**
     * Kills the child, if it still runs, and closes the pipes; what was written and not sent is dropped then.
     *
     * Source: `SubprocessTransport.close()`.
     */
    override fun close()
}
