// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade;

/** A protocol of a stream of bytes: a {@link Protocol} or a {@link BufferedProtocol}. */
public sealed interface StreamingProtocol extends BaseProtocol permits Protocol, BufferedProtocol {
    /** There is a connection: called once, first of all. CPython name: {@code BaseProtocol.connection_made(transport)}. */
    default void connectionMade(Transport transport) {}

    /**
     * The peer sends nothing more.
     *
     * <p>CPython name: {@code Protocol.eof_received()}.
     *
     * @return whether the transport stays open for writing; otherwise it closes itself. TLS closes in any case
     */
    default boolean eofReceived() {
        return false;
    }
}
