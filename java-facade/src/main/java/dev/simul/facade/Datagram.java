// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade;

import java.net.SocketAddress;

/**
 * A received datagram.
 *
 * <p>Source: the pair that {@code loop.sock_recvfrom} returns.
 *
 * @param data the bytes of the datagram
 * @param address the sender's address
 */
public record Datagram(byte[] data, SocketAddress address) {
    static Datagram of(dev.simul.net.Datagram delegate) {
        return new Datagram(delegate.getData(), delegate.getAddress());
    }
}
