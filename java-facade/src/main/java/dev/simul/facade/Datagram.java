// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade;

import java.net.SocketAddress;

/**
 * What has come as one datagram.
 *
 * <p>CPython name: the pair that {@code loop.sock_recvfrom} returns.
 *
 * @param data what it says
 * @param address where it came from
 */
public record Datagram(byte[] data, SocketAddress address) {
    static Datagram of(dev.simul.net.Datagram source) {
        return new Datagram(source.getData(), source.getAddress());
    }
}
