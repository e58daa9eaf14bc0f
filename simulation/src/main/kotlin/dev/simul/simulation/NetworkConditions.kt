// SPDX-License-Identifier: Apache-2.0
package dev.simul.simulation

import kotlin.time.Duration
import kotlin.time.Duration.Companion.microseconds
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.seconds

/**
 * What a simulated network does to what it carries. By default it is that of a quiet data centre: small latencies, no faults.
 *
 * ```
 * network.conditions.apply {
 *     latency = Latency(5.milliseconds, 80.milliseconds)
 *     datagramLoss = 0.02
 *     resets = 0.001
 * }
 * ```
 *
 * Each probability is from 0.0, never, to 1.0, always. A change holds for what is sent from then on. Whatever the conditions are, TCP's
 * promise holds: each end reads the bytes that the other has sent, in order, or a part of them and then an error.
 *
 * asyncio has no equivalent.
 */
public class NetworkConditions {
    /** How long a segment or a datagram is on its way. Segments of one connection, and datagrams, do not overtake each other by that. */
    public var latency: Latency = Latency(500.microseconds, 2.milliseconds)

    /** How many bytes of data a second pass from one host to another, all its connections together; null for any number. */
    public var bandwidth: Long? = null
        set(value) {
            require(value == null || value > 0) { "the bandwidth is $value bytes a second: give a positive number, or null for no limit" }
            field = value
        }

    /**
     * How likely bytes are split: a write takes only a part of them, as when the socket's buffer is almost full, and what was written at once
     * arrives in several parts, as after segmentation, so that reads are small. Parts that arrive together are read together.
     */
    public var splits: Double = 0.0
        set(value) {
            field = probability(value)
        }

    /**
     * How likely each segment is lost on its way, each time that it is sent. TCP sends it again, 200 milliseconds after the first time, and
     * then after twice as long each time, up to 120 seconds, as Linux does: programs see a delay, until [retransmissionTimeout].
     */
    public var segmentLoss: Double = 0.0
        set(value) {
            field = probability(value)
        }

    /** How likely an attempt to connect is refused, as by a server that restarts, or by a firewall that rejects. */
    public var refusals: Double = 0.0
        set(value) {
            field = probability(value)
        }

    /** How likely each segment of data resets its connection at both ends, as routers do that have forgotten it. */
    public var resets: Double = 0.0
        set(value) {
            field = probability(value)
        }

    /**
     * How likely each segment of data makes its connection half-open: this direction goes dead for ever, as when a firewall drops what one side
     * sends. That side finds out by [retransmissionTimeout]; the other one only if it sends, too.
     */
    public var halfOpen: Double = 0.0
        set(value) {
            field = probability(value)
        }

    /** How long a server takes, beyond [latency], until it can accept a client that is connected already, as one does that is busy. */
    public var acceptDelay: Latency = Latency.NONE

    /** How likely a datagram is lost. */
    public var datagramLoss: Double = 0.0
        set(value) {
            field = probability(value)
        }

    /** How likely a datagram arrives twice. */
    public var datagramDuplication: Double = 0.0
        set(value) {
            field = probability(value)
        }

    /** How likely a datagram is held up, so that later ones overtake it. */
    public var datagramReordering: Double = 0.0
        set(value) {
            field = probability(value)
        }

    /**
     * How long a client tries to connect to a host that does not answer, until that fails with "Connection timed out": 127 seconds, as with
     * Linux (`tcp_syn_retries` of 6).
     */
    public var connectTimeout: Duration = 127.seconds
        set(value) {
            field = timeout(value)
        }

    /**
     * How long a sender waits for an acknowledgement of what it has sent, sending it again and again, until the connection fails with
     * "Connection timed out": 924.6 seconds, as with Linux (`tcp_retries2` of 15).
     */
    public var retransmissionTimeout: Duration = 924_600.milliseconds
        set(value) {
            field = timeout(value)
        }

    private fun probability(value: Double): Double {
        require(value in 0.0..1.0) { "a probability of $value: it must be from 0.0, never, to 1.0, always" }
        return value
    }

    private fun timeout(value: Duration): Duration {
        require(value.isPositive() && value.isFinite()) { "a timeout of $value: it must be positive and finite" }
        return value
    }

    internal fun copy(): NetworkConditions {
        val original = this
        return NetworkConditions().apply {
            latency = original.latency
            bandwidth = original.bandwidth
            splits = original.splits
            segmentLoss = original.segmentLoss
            refusals = original.refusals
            resets = original.resets
            halfOpen = original.halfOpen
            acceptDelay = original.acceptDelay
            datagramLoss = original.datagramLoss
            datagramDuplication = original.datagramDuplication
            datagramReordering = original.datagramReordering
            connectTimeout = original.connectTimeout
            retransmissionTimeout = original.retransmissionTimeout
        }
    }
}
