// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade.cluster;

import com.hazelcast.config.Config;
import dev.simul.cluster.interop.JavaCluster;
import java.time.Duration;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * How a member takes part in its cluster, for {@link Cluster#start}. Immutable: each method returns a changed copy.
 *
 * <pre>{@code
 * Cluster.start("shop", List.of("10.0.0.1", "10.0.0.2"), new ClusterOptions().address("10.0.0.1").memberName("till 1"));
 * }</pre>
 *
 * <p>asyncio has no equivalent.
 */
public final class ClusterOptions implements Cloneable {
    private String address = "127.0.0.1";
    private int port = 5701;
    private int portCount = 100;
    private @Nullable String memberName;
    private int threads = 16;
    private int maxPending = 256;
    private Duration heartbeatTimeout = Duration.ofSeconds(60);
    private Consumer<Config> configure = config -> {};

    /** The defaults. */
    public ClusterOptions() {}

    private ClusterOptions with(Consumer<ClusterOptions> change) {
        try {
            var changed = (ClusterOptions) super.clone();
            change.accept(changed);
            return changed;
        } catch (CloneNotSupportedException e) {
            throw new AssertionError(e);
        }
    }

    /**
     * Sets the address of this machine that the member listens on, and nowhere else; the default is loopback. Whoever can connect to it can
     * run code here: the open edition has neither passwords nor TLS.
     */
    public ClusterOptions address(String address) {
        return with(it -> it.address = address);
    }

    /** Sets the first port that it tries; the default is 5701. */
    public ClusterOptions port(int port) {
        return with(it -> it.port = port);
    }

    /**
     * Sets how many ports it tries, if others have those before; the default is 100. Others look at the first three, unless they are told a
     * port.
     */
    public ClusterOptions portCount(int count) {
        return with(it -> it.portCount = count);
    }

    /** Sets what other members call it; null, the default, for its address. */
    public ClusterOptions memberName(@Nullable String name) {
        return with(it -> it.memberName = name);
    }

    /** Sets how many works it does at once, those of all members together; the default is 16. */
    public ClusterOptions threads(int threads) {
        return with(it -> it.threads = threads);
    }

    /**
     * Sets how many works this member has under way at each other one, or waiting there; further calls wait here. The default is 256.
     */
    public ClusterOptions maxPending(int works) {
        return with(it -> it.maxPending = works);
    }

    /**
     * Sets how long a member may be silent until the others take it for dead, as one whose machine or network has failed; the default is a
     * minute. A process that ends is noticed at once.
     */
    public ClusterOptions heartbeatTimeout(Duration timeout) {
        return with(it -> it.heartbeatTimeout = timeout);
    }

    /** Changes Hazelcast's configuration in the end, for what these options leave out. */
    public ClusterOptions configure(Consumer<Config> change) {
        return with(it -> it.configure = change);
    }

    dev.simul.cluster.ClusterOptions toRuntime() {
        return JavaCluster.clusterOptions(address, port, portCount, memberName, threads, maxPending, heartbeatTimeout, configure);
    }

    @Override
    public String toString() {
        return toRuntime().toString();
    }
}
