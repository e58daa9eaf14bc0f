// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade.simulation;

import dev.simul.simulation.interop.JavaSimulation;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What a simulated network does to what it carries. By default it is that of a quiet data centre: latencies of half a millisecond to two,
 * no faults. Each method with an argument changes the conditions, and returns them:
 *
 * <pre>{@code
 * sim.network().conditions()
 *         .latency(new Latency(ofMillis(5), ofMillis(80)))
 *         .datagramLoss(0.02)
 *         .resets(0.001);
 * }</pre>
 *
 * <p>Each probability is from 0.0, never, to 1.0, always; others are refused by an {@link IllegalArgumentException}. A change holds for
 * what is sent from then on. Whatever the conditions are, TCP's promise holds: each end reads the bytes that the other has sent, in
 * order, or a part of them and then an error.
 *
 * <p>asyncio has no equivalent.
 */
public final class NetworkConditions {
    private final dev.simul.simulation.NetworkConditions delegate;

    NetworkConditions(dev.simul.simulation.NetworkConditions delegate) {
        this.delegate = delegate;
    }

    /** How long a segment or a datagram is on its way. Segments of one connection, and datagrams, do not overtake each other by that. */
    public Latency latency() {
        return new Latency(delegate.getLatency());
    }

    /** Sets {@link #latency()}. */
    public NetworkConditions latency(Latency latency) {
        delegate.setLatency(latency.delegate);
        return this;
    }

    /** How many bytes of data a second pass from one host to another, all its connections together; null for any number. */
    public @Nullable Long bandwidth() {
        return delegate.getBandwidth();
    }

    /**
     * Sets {@link #bandwidth()}.
     *
     * @throws IllegalArgumentException if it is not positive
     */
    public NetworkConditions bandwidth(@Nullable Long bytesPerSecond) {
        delegate.setBandwidth(bytesPerSecond);
        return this;
    }

    /**
     * How long a server takes, beyond {@link #latency()}, until it can accept a client that is connected already, as one does that is
     * busy.
     */
    public Latency acceptDelay() {
        return new Latency(delegate.getAcceptDelay());
    }

    /** Sets {@link #acceptDelay()}. */
    public NetworkConditions acceptDelay(Latency delay) {
        delegate.setAcceptDelay(delay.delegate);
        return this;
    }

    /**
     * How likely bytes are split: a write takes only a part of them, as when the socket's buffer is almost full, and what was written at
     * once arrives in several parts, as after segmentation, so that reads are small. Parts that arrive together are read together.
     */
    public double splits() {
        return delegate.getSplits();
    }

    /** Sets {@link #splits()}. */
    public NetworkConditions splits(double probability) {
        delegate.setSplits(probability);
        return this;
    }

    /**
     * How likely each segment is lost on its way, each time that it is sent. TCP sends it again, 200 milliseconds after the first time,
     * and then after twice as long each time, up to 120 seconds, as Linux does: programs see a delay, until
     * {@link #retransmissionTimeout()}.
     */
    public double segmentLoss() {
        return delegate.getSegmentLoss();
    }

    /** Sets {@link #segmentLoss()}. */
    public NetworkConditions segmentLoss(double probability) {
        delegate.setSegmentLoss(probability);
        return this;
    }

    /** How likely an attempt to connect is refused, as by a server that restarts, or by a firewall that rejects. */
    public double refusals() {
        return delegate.getRefusals();
    }

    /** Sets {@link #refusals()}. */
    public NetworkConditions refusals(double probability) {
        delegate.setRefusals(probability);
        return this;
    }

    /** How likely each segment of data resets its connection at both ends, as routers do that have forgotten it. */
    public double resets() {
        return delegate.getResets();
    }

    /** Sets {@link #resets()}. */
    public NetworkConditions resets(double probability) {
        delegate.setResets(probability);
        return this;
    }

    /**
     * How likely each segment of data makes its connection half-open: this direction goes dead for ever, as when a firewall drops what
     * one side sends. That side finds out by {@link #retransmissionTimeout()}; the other one only if it sends, too.
     */
    public double halfOpen() {
        return delegate.getHalfOpen();
    }

    /** Sets {@link #halfOpen()}. */
    public NetworkConditions halfOpen(double probability) {
        delegate.setHalfOpen(probability);
        return this;
    }

    /** How likely a datagram is lost. */
    public double datagramLoss() {
        return delegate.getDatagramLoss();
    }

    /** Sets {@link #datagramLoss()}. */
    public NetworkConditions datagramLoss(double probability) {
        delegate.setDatagramLoss(probability);
        return this;
    }

    /** How likely a datagram arrives twice. */
    public double datagramDuplication() {
        return delegate.getDatagramDuplication();
    }

    /** Sets {@link #datagramDuplication()}. */
    public NetworkConditions datagramDuplication(double probability) {
        delegate.setDatagramDuplication(probability);
        return this;
    }

    /** How likely a datagram is held up, so that later ones overtake it. */
    public double datagramReordering() {
        return delegate.getDatagramReordering();
    }

    /** Sets {@link #datagramReordering()}. */
    public NetworkConditions datagramReordering(double probability) {
        delegate.setDatagramReordering(probability);
        return this;
    }

    /**
     * How long a client tries to connect to a host that does not answer, until that fails with "Connection timed out": 127 seconds, as
     * with Linux ({@code tcp_syn_retries} of 6).
     */
    public Duration connectTimeout() {
        return JavaSimulation.connectTimeoutOf(delegate);
    }

    /**
     * Sets {@link #connectTimeout()}.
     *
     * @throws IllegalArgumentException if it is not positive
     */
    public NetworkConditions connectTimeout(Duration timeout) {
        JavaSimulation.setConnectTimeout(delegate, timeout);
        return this;
    }

    /**
     * How long a sender waits for an acknowledgement of what it has sent, sending it again and again, until the connection fails with
     * "Connection timed out": 924.6 seconds, as with Linux ({@code tcp_retries2} of 15).
     */
    public Duration retransmissionTimeout() {
        return JavaSimulation.retransmissionTimeoutOf(delegate);
    }

    /**
     * Sets {@link #retransmissionTimeout()}.
     *
     * @throws IllegalArgumentException if it is not positive
     */
    public NetworkConditions retransmissionTimeout(Duration timeout) {
        JavaSimulation.setRetransmissionTimeout(delegate, timeout);
        return this;
    }
}
