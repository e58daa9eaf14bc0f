// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade;

import dev.simul.process.ProcessLookupException;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * A child of this process; the other side of a {@link SubprocessProtocol}.
 *
 * <p>CPython name: {@code asyncio.SubprocessTransport}.
 */
public interface SubprocessTransport extends BaseTransport {
    /** Who is told what happens. CPython name: {@code BaseTransport.get_protocol()}. */
    SubprocessProtocol getProtocol();

    /** Sets who is told what happens from now on. CPython name: {@code BaseTransport.set_protocol(protocol)}. */
    void setProtocol(SubprocessProtocol protocol);

    /** The number by which the system knows the child. CPython name: {@code SubprocessTransport.get_pid()}. */
    long getPid();

    /**
     * What the child has ended with; null while it runs.
     *
     * <p>A child that died of a signal has 128 and the signal's number, as shells and the JDK have it, but if this transport has
     * sent that signal it has the negative number: -9 after {@link #kill}.
     *
     * <p>CPython name: {@code SubprocessTransport.get_returncode()}.
     */
    @Nullable Integer getReturncode();

    /**
     * The pipe to the child's standard input (0), or from its standard output (1) or error (2); null if there is none.
     *
     * <p>CPython name: {@code SubprocessTransport.get_pipe_transport(fd)}.
     */
    @Nullable Transport getPipeTransport(int fd);

    /**
     * Sends the child a signal. Does nothing if it has just ended.
     *
     * <p>Signals other than {@code TERM} and {@code KILL} are sent by the system's {@code kill} command, which holds up the loop for
     * some milliseconds.
     *
     * <p>CPython name: {@code SubprocessTransport.send_signal(signal)}.
     *
     * @param signal its name, as {@code kill -l} lists it: {@code "HUP"} or {@code "SIGHUP"}
     * @throws ProcessLookupException if the child has ended and its pipes are closed
     * @throws IllegalArgumentException if this system knows no signal of that name
     * @throws IOException if the system refuses
     */
    void sendSignal(String signal) throws IOException;

    /**
     * Asks the child to end, by the signal {@code TERM}. Windows knows no such thing, and kills it.
     *
     * <p>CPython name: {@code SubprocessTransport.terminate()}.
     *
     * @throws ProcessLookupException if the child has ended and its pipes are closed
     */
    void terminate() throws ProcessLookupException;

    /**
     * Ends the child at once, by the signal {@code KILL}; not its own children.
     *
     * <p>CPython name: {@code SubprocessTransport.kill()}.
     *
     * @throws ProcessLookupException if the child has ended and its pipes are closed
     */
    void kill() throws ProcessLookupException;

    /**
     * Kills the child, if it still runs, and closes the pipes; what was written and not sent is dropped then.
     *
     * <p>CPython name: {@code SubprocessTransport.close()}.
     */
    @Override
    void close();
}
