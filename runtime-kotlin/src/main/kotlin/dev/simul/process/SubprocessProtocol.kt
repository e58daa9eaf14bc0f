// SPDX-License-Identifier: Apache-2.0
package dev.simul.process

import dev.simul.transports.BaseProtocol
import java.io.IOException

/**
 * Is told what happens to a child and its pipes; every callback does nothing unless it is overridden.
 *
 * [connectionMade] comes first, [connectionLost] last, when the child has ended and all its pipes are closed. For each pipe
 * [pipeConnectionLost] comes after what was received from it; [processExited] may come before, between or after these. All of
 * them are called in the loop's thread, as plain callbacks: they cannot await, and should not block. What they throw goes to the
 * loop's exception handler. [pauseWriting] and [resumeWriting] are about the pipe to the child's standard input.
 *
 * Source: `asyncio.SubprocessProtocol`.
 */
public interface SubprocessProtocol : BaseProtocol {
    /** The child runs. Source: `BaseProtocol.connection_made(transport)`. */
    public fun connectionMade(transport: SubprocessTransport) {}

    /**
     * The child has written something: one byte at least.
     *
     * Source: `SubprocessProtocol.pipe_data_received(fd, data)`.
     *
     * @param fd 1 for its standard output, 2 for its standard error.
     * @param data they are the protocol's own.
     */
    public fun pipeDataReceived(
        fd: Int,
        data: ByteArray,
    ) {}

    /**
     * A pipe is closed, by the child or from here.
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
