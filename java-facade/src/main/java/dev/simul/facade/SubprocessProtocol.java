// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade;

import org.jspecify.annotations.Nullable;

/**
 * Is told what happens to a child and its pipes; every callback does nothing unless it is overridden.
 *
 * <p>{@link #connectionMade} comes first, {@link #connectionLost} last, when the child has ended and all its pipes are closed. For
 * each pipe {@link #pipeConnectionLost} comes after what was received from it; {@link #processExited} may come before, between or
 * after these. All of them are called in the loop's thread, as plain callbacks: they cannot await, and should not block. What they
 * throw goes to the loop's exception handler. {@link #pauseWriting} and {@link #resumeWriting} are about the pipe to the child's
 * standard input.
 *
 * <p>CPython name: {@code asyncio.SubprocessProtocol}.
 */
public interface SubprocessProtocol extends BaseProtocol {
    /** The child runs. CPython name: {@code BaseProtocol.connection_made(transport)}. */
    default void connectionMade(SubprocessTransport transport) {}

    /**
     * The child has written something: one byte at least.
     *
     * <p>CPython name: {@code SubprocessProtocol.pipe_data_received(fd, data)}.
     *
     * @param fd 1 for its standard output, 2 for its standard error
     * @param data they are the protocol's own
     */
    default void pipeDataReceived(int fd, byte[] data) {}

    /**
     * A pipe is closed, by the child or from here.
     *
     * <p>CPython name: {@code SubprocessProtocol.pipe_connection_lost(fd, exc)}.
     *
     * @param fd 0 for the child's standard input, 1 for its standard output, 2 for its standard error
     * @param exception an {@link java.io.IOException} if the pipe has broken
     */
    default void pipeConnectionLost(int fd, @Nullable Throwable exception) {}

    /**
     * The child has ended, and {@link SubprocessTransport#getReturncode} is known.
     *
     * <p>CPython name: {@code SubprocessProtocol.process_exited()}.
     */
    default void processExited() {}
}
