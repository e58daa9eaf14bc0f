// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade;

import org.jspecify.annotations.Nullable;

/**
 * One end of a connection, whatever it goes through; the other side of a {@link BaseProtocol}.
 *
 * <p>Transports are made by the loop, and are for the loop's thread alone. {@link #close} and the other methods never wait.
 *
 * <p>CPython name: {@code asyncio.BaseTransport}.
 */
public interface BaseTransport extends AutoCloseable {
    /**
     * What is known about the connection: {@code "sockname"} and {@code "peername"} are addresses, {@code "socket"} is the
     * channel, which is not to be read or written. With TLS also {@code "sslcontext"}, {@code "ssl_object"} (the engine),
     * {@code "peercert"} and {@code "cipher"}; for a child {@code "subprocess"}, for a pipe {@code "pipe"}.
     *
     * <p>CPython name: {@code BaseTransport.get_extra_info(name, default=None)}.
     *
     * @return null if there is nothing of this name
     */
    @Nullable Object getExtraInfo(String name);

    /** Whether it is closed or closing. CPython name: {@code BaseTransport.is_closing()}. */
    boolean isClosing();

    /**
     * Closes it: nothing more is received, what was written is still sent, then the protocol's {@code connectionLost} is
     * called.
     *
     * <p>CPython name: {@code BaseTransport.close()}.
     */
    @Override
    void close();
}
