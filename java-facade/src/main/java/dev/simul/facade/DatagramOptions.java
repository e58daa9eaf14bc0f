// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade;

import java.net.StandardProtocolFamily;
import org.jspecify.annotations.Nullable;

/**
 * How an endpoint for datagrams is made, for {@link EventLoop#createDatagramEndpoint}; null where nothing is said.
 *
 * <p>Source: the keyword arguments of {@code loop.create_datagram_endpoint}.
 */
public final class DatagramOptions {
    static final DatagramOptions NONE = new DatagramOptions();

    final @Nullable StandardProtocolFamily family;
    final boolean reusePort;
    final boolean allowBroadcast;

    /** Says nothing yet. */
    public DatagramOptions() {
        this(null, false, false);
    }

    private DatagramOptions(@Nullable StandardProtocolFamily family, boolean reusePort, boolean allowBroadcast) {
        this.family = family;
        this.reusePort = reusePort;
        this.allowBroadcast = allowBroadcast;
    }

    /** These, with addresses of that family only; of both it must be named if there is no address. */
    public DatagramOptions family(StandardProtocolFamily family) {
        return new DatagramOptions(family, reusePort, allowBroadcast);
    }

    /** These; whether several sockets can be bound to one address. */
    public DatagramOptions reusePort(boolean reusePort) {
        return new DatagramOptions(family, reusePort, allowBroadcast);
    }

    /** These; whether broadcast addresses can be sent to. */
    public DatagramOptions allowBroadcast(boolean allowBroadcast) {
        return new DatagramOptions(family, reusePort, allowBroadcast);
    }

    @Override
    public String toString() {
        return "DatagramOptions[family=" + family + ", reusePort=" + reusePort + ", allowBroadcast=" + allowBroadcast + "]";
    }
}
