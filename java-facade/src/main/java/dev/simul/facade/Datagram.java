// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade;

import java.net.SocketAddress;

/**
 * What has come as one datagram.
 *
 * <p>Source: the pair that {@code loop.sock_recvfrom} returns.
 *
 * @param data what it says
 * @param address where it came from
 */
public record Datagram(byte[] data, SocketAddress address) {
    static Datagram of(dev.simul.net.Datagram delegate) {
        return new Datagram(delegate.getData(), delegate.getAddress());
    }
}
