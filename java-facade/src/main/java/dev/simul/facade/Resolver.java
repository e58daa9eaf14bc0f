// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade;

import java.net.InetAddress;
import java.util.List;

/**
 * Looks up the addresses and names of hosts for a loop: see {@link EventLoop#setResolver}.
 *
 * <pre>{@code
 * getRunningLoop().setResolver(host -> {
 *     if (host.equals("db.test")) return List.of(InetAddress.getLoopbackAddress());
 *     return toThread(() -> List.of(InetAddress.getAllByName(host))).await();
 * });
 * }</pre>
 *
 * <p>Its methods are bodies, and run in the task that asks: they may await, and must not block.
 *
 * <p>asyncio has no equivalent; there, you override methods of the loop.
 */
@FunctionalInterface
public interface Resolver {
    /**
     * The addresses of {@code host}, which is a name: this is not called for literal IP addresses.
     *
     * @return at least one address, in the order in which to try them
     * @throws java.net.UnknownHostException if there is none
     */
    List<InetAddress> getaddrinfo(String host) throws Exception;

    /** The name of the host at {@code address}; the address as text if it has none, which is the default. */
    default String getnameinfo(InetAddress address) throws Exception {
        return address.getHostAddress();
    }
}
