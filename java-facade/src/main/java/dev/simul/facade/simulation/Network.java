// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade.simulation;

import java.util.Collection;

/**
 * The network between the hosts of a simulation. Connections and datagrams take their time by its {@link #conditions}, and it fails as it
 * is told to; what a host sends to itself arrives at once.
 *
 * <pre>{@code
 * sim.network().partition("client", "server");
 * sleep(Duration.ofSeconds(10)).await();
 * sim.network().heal();
 * }</pre>
 *
 * <p>asyncio has no equivalent.
 */
public final class Network {
    private final dev.simul.simulation.Network delegate;

    Network(dev.simul.simulation.Network delegate) {
        this.delegate = delegate;
    }

    /** What holds between all hosts for which {@link #between} has not said otherwise. */
    public NetworkConditions conditions() {
        return new NetworkConditions(delegate.getConditions());
    }

    /**
     * What holds between these two hosts alone, in both directions. The first call starts from what {@link #conditions} are then.
     *
     * @throws IllegalArgumentException if there is no host of that name
     */
    public NetworkConditions between(String one, String other) {
        return new NetworkConditions(delegate.between(one, other));
    }

    /**
     * From now on nothing passes between these two hosts, in either direction. Datagrams are lost; what connections carry waits and is
     * sent again, and arrives after {@link #heal()}, unless its sender gave up by then, see
     * {@link NetworkConditions#retransmissionTimeout()}. To connect takes until then, or times out. That is what a cable is that somebody
     * has pulled.
     *
     * @throws IllegalArgumentException if there is no host of that name
     */
    public void partition(String one, String other) {
        delegate.partition(one, other);
    }

    /**
     * From now on nothing passes between a host of {@code some} and one of {@code others}; within each group everything does.
     *
     * @throws IllegalArgumentException if there is no host of such a name, or one is in both groups
     */
    public void partition(Collection<String> some, Collection<String> others) {
        delegate.partition(some, others);
    }

    /**
     * From now on nothing passes {@code from} the one host {@code to} the other; the other direction works. Connections become half-open:
     * what {@code from} sends is not received, and what it receives is not acknowledged, so both sides give up in the end, each only if
     * it sends.
     *
     * @throws IllegalArgumentException if there is no host of that name
     */
    public void cut(String from, String to) {
        delegate.cut(from, to);
    }

    /**
     * Ends what {@link #partition(String, String)} and {@link #cut} have done between these two hosts.
     *
     * @throws IllegalArgumentException if there is no host of that name
     */
    public void heal(String one, String other) {
        delegate.heal(one, other);
    }

    /**
     * Ends all partitions and cuts. What is sent again arrives when its sender tries next, which after a long time may take two
     * minutes.
     */
    public void heal() {
        delegate.heal();
    }
}
