// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade;

import java.net.InetAddress;
import java.util.List;

/**
 * Finds the addresses of hosts, and their names, for a loop: see {@link EventLoop#setResolver}.
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
 * <p>asyncio has no equivalent: one overrides methods of the loop.
 */
@FunctionalInterface
public interface Resolver {
    /**
     * The addresses of {@code host}, which is a name; addresses that are written out are not asked for.
     *
     * @return at least one address, in the order in which they are to be tried
     * @throws java.net.UnknownHostException if there is none
     */
    List<InetAddress> getaddrinfo(String host) throws Exception;

    /** The name of the host at {@code address}; the address as text if it has none, as this does. */
    default String getnameinfo(InetAddress address) throws Exception {
        return address.getHostAddress();
    }
}
