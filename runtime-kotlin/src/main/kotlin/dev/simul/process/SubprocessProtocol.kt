// SPDX-License-Identifier: Apache-2.0
package dev.simul.process

import dev.simul.transports.BaseProtocol
import java.io.IOException

/**
 * The events of a child and its pipes; every callback does nothing unless it is overridden.
 *
 * [connectionMade] comes first; [connectionLost] comes last, when the child has ended and all its pipes are closed. For each pipe
 * [pipeConnectionLost] comes after its data; [processExited] may come before, between or after these. All of them are called in the loop's
 * thread, as plain callbacks: they cannot await, and should not block. Exceptions that they throw go to the loop's exception handler.
 * [pauseWriting] and [resumeWriting] concern the pipe to the child's standard input.
 *
 * Source: `asyncio.SubprocessProtocol`.
 */
public interface SubprocessProtocol : BaseProtocol {
    /** The child runs. Source: `BaseProtocol.connection_made(transport)`. */
    public fun connectionMade(transport: SubprocessTransport) {}

    /**
     * The child has written data, at least one byte.
     *
     * Source: `SubprocessProtocol.pipe_data_received(fd, data)`.
     *
     * @param fd 1 for its standard output, 2 for its standard error.
     * @param data belongs to the protocol.
     */
    public fun pipeDataReceived(
        fd: Int,
        data: ByteArray,
    ) {}

    /**
     * A pipe was closed, by the child or by this side.
     *
     * Source: `SubprocessProtocol.pipe_connection_lost(fd, exc)`.
     *
     * @param fd 0 for the child's standard input, 1 for its standard output, 2 for its standard error.
     * @param exception an [IOException] if the pipe has broken.
     */
    public fun pipeConnectionLost(
        fd: Int,
        exception: Throwable?,
    ) {}

    /** The child has ended, and [SubprocessTransport.returncode] is known. Source: `SubprocessProtocol.process_exited()`. */
    public fun processExited() {}
}
