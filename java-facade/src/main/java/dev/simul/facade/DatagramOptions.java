// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade;

import java.net.StandardProtocolFamily;
import org.jspecify.annotations.Nullable;

/**
 * How to create a datagram endpoint, for {@link EventLoop#createDatagramEndpoint}; an option that is not set is null. Immutable:
 * each method returns a changed copy.
 *
 * <p>Source: the keyword arguments of {@code loop.create_datagram_endpoint}.
 */
public final class DatagramOptions {
    static final DatagramOptions NONE = new DatagramOptions();

    final @Nullable StandardProtocolFamily family;
    final boolean reusePort;
    final boolean allowBroadcast;

    /** The defaults. */
    public DatagramOptions() {
        this(null, false, false);
    }

    private DatagramOptions(@Nullable StandardProtocolFamily family, boolean reusePort, boolean allowBroadcast) {
        this.family = family;
        this.reusePort = reusePort;
        this.allowBroadcast = allowBroadcast;
    }

    /** Uses only addresses of that family; required if no address is given. */
    public DatagramOptions family(StandardProtocolFamily family) {
        return new DatagramOptions(family, reusePort, allowBroadcast);
    }

    /** Sets whether several sockets can be bound to one address. */
    public DatagramOptions reusePort(boolean reusePort) {
        return new DatagramOptions(family, reusePort, allowBroadcast);
    }

    /** Sets whether the endpoint can send to broadcast addresses. */
    public DatagramOptions allowBroadcast(boolean allowBroadcast) {
        return new DatagramOptions(family, reusePort, allowBroadcast);
    }

    @Override
    public String toString() {
        return "DatagramOptions[family=" + family + ", reusePort=" + reusePort + ", allowBroadcast=" + allowBroadcast + "]";
    }
}
