// SPDX-License-Identifier: Apache-2.0
package dev.simul.simulation

import dev.simul.testing.network.Carrier
import dev.simul.testing.network.Direction
import dev.simul.testing.network.Segment
import kotlin.math.max
import kotlin.math.min

/**
 * Carries one direction of a connection as TCP does over a network that delays and loses: in order, and what does not arrive is sent again.
 *
 * Segments arrive one after the other, each at its time. One that is lost holds up those behind it until it is sent again and arrives, or
 * until its sender gives up.
 */
internal class Path(
    private val network: Network,
    private val direction: Direction,
    private val wire: Wire,
) : Carrier {
    private class Sent(
        val segment: Segment,
        val since: Long,
        val due: Long,
        var isLost: Boolean,
        /** What of the other side's it is an answer to, if it was sent at once. */
        val answered: Segment?,
    )

    private val agenda = network.agenda
    private val choices = network.choices
    private val label = direction.toString()

    /** The other direction. */
    private lateinit var back: Path

    /** What arrives at this moment. */
    private var arriving: Segment? = null

    /** Sent, but not arrived. */
    private val queue = ArrayDeque<Sent>()
    private var lastDue = 0L

    /** The arrival of the first of [queue], or the next time that it is sent again. */
    private var next: Agenda.Entry? = null

    /** When something arrived last. */
    private var progressAt = 0L

    /** How long until the first of [queue] is sent again; null as long as nothing was lost. */
    private var backoff: Long? = null

    private val probes = Probes(agenda, ::isAnswered, isNeeded = { isFull && !direction.isSenderCutOff }, ::giveUp)

    /** When the client gives up to connect. */
    private var connecting: Agenda.Entry? = null

    /** Bytes that the receiving program has not read, as far as the sender knows. */
    private var unread = 0

    /** Whether this direction alone carries nothing again. */
    private var isDead = false

    /** Whether its sender has ended the connection: resets are all that it still sends. */
    private var isOver = false

    private val conditions get() = wire.conditions
    private val isOpen get() = !isDead && !wire.isCut
    private val now get() = agenda.nowNanos

    /** Whether the sender waits for room. */
    private val isFull get() = unread >= direction.window

    // Sending.

    override fun mostToWrite(count: Int): Int =
        if (count > 1 && choices.chance(conditions.splits)) count - 1 - choices.nextInt(count - 1) else count

    override fun carry(segment: Segment) {
        if (isOver && segment != Segment.Rst) return
        when (segment) {
            Segment.Syn -> connecting = agenda.after(conditions.connectTimeout.inWholeNanoseconds, ::giveUp)
            Segment.Rst -> end(isStalled = backoff != null)
            is Segment.Bytes -> return carryBytes(segment)
            else -> {}
        }
        send(segment, if (segment == Segment.Established) conditions.acceptDelay.draw(choices) else 0)
    }

    private fun carryBytes(bytes: Segment.Bytes) {
        unread += bytes.size
        network.note(direction.from, "$label: sends $bytes")
        var rest = bytes
        var delay = 0L
        while (rest.size > 1 && choices.chance(conditions.splits)) {
            val (first, others) = rest.split(rest.size - 1 - choices.nextInt(rest.size - 1))
            send(first, delay)
            rest = others
            delay = choices.nextLong(LONGEST_GAP)
        }
        send(rest, delay)
        if (isFull) startProbing()
    }

    private fun send(
        segment: Segment,
        delay: Long,
    ) {
        val arrival = wire.depart(segment.size) + conditions.latency.draw(choices)
        lastDue = max(lastDue, arrival) + delay
        val isLost = !isOpen || isLostByChance(segment)
        if (backoff != null && segment.isRetransmitted && queue.none { it.segment.isRetransmitted }) sendAtOnce(isLost)
        queue += Sent(segment, now, lastDue, isLost, back.arriving)
        if (next == null) arriveAt(lastDue)
    }

    private fun isLostByChance(segment: Segment) = segment != Segment.Rst && choices.chance(conditions.segmentLoss)

    /** Only acknowledgements have waited until now: what follows carries them, and is not held up; both arrive, or neither. */
    private fun sendAtOnce(isLost: Boolean) {
        queue.forEach { it.isLost = isLost }
        backoff = null
        next?.cancel()
        next = null
    }

    // Arriving.

    private fun arriveAt(nanos: Long) {
        next = agenda.at(nanos, ::arrive)
    }

    private fun arrive() {
        next = null
        // Whoever is cut off sends nothing again.
        if (backoff != null && direction.isSenderCutOff) return end(isStalled = true)
        while (queue.isNotEmpty()) {
            val first = queue.first()
            if (first.due > now) return arriveAt(first.due)
            queue.removeFirst()
            when {
                first.segment == Segment.Rst -> arriveReset(first)
                hasArrived(first) -> {}
                isOver -> queue.removeIf { it.segment != Segment.Rst }
                else -> return sendAgain(first)
            }
        }
    }

    /** A reset is sent once; if it is lost, what the other side sends brings another one. */
    private fun arriveReset(reset: Sent) {
        if (!reset.isLost && isOpen) {
            deliver(Segment.Rst)
            return back.end(isStalled = true)
        }
        network.note(direction.from, "$label: RST is lost")
        if (back.unread > 0 || reset.answered == Segment.Fin || reset.answered == Segment.Probe) back.startProbing()
    }

    private fun hasArrived(sent: Sent): Boolean {
        if (sent.isLost || !isOpen || becomesHalfOpen(sent.segment)) return false
        if (isBrokenByFault(sent.segment)) return true
        if (!deliver(sent.segment)) return false
        progressAt = now
        backoff = null
        acknowledge(sent)
        return true
    }

    private fun deliver(segment: Segment): Boolean {
        val what = "$label: $segment"
        if (!arrives(segment)) return false
        if (segment !is Segment.Ack) network.note(direction.to, what)
        back.connecting?.cancel()
        if (segment is Segment.Ack) back.unread -= segment.count
        return true
    }

    /** Hands [segment] to the receiving machine, and returns whether that took it. */
    private fun arrives(segment: Segment): Boolean {
        arriving = segment
        try {
            return direction.deliver(segment)
        } finally {
            arriving = null
        }
    }

    private fun isBrokenByFault(segment: Segment): Boolean {
        when {
            segment == Segment.Syn && choices.chance(conditions.refusals) -> back.carry(Segment.Rst)
            segment is Segment.Bytes && choices.chance(conditions.resets) -> breakOff()
            else -> return false
        }
        return true
    }

    /** Both ends find the connection reset. */
    private fun breakOff() {
        network.note(direction.from, "$label: the network resets the connection")
        for (path in listOf(this, back)) {
            path.end(isStalled = true)
            path.direction.deliver(Segment.Rst)
        }
    }

    private fun becomesHalfOpen(segment: Segment): Boolean {
        if (segment !is Segment.Bytes || !choices.chance(conditions.halfOpen)) return false
        network.note(direction.from, "$label: this direction is dead")
        isDead = true
        return true
    }

    // Sending again.

    private fun sendAgain(lost: Sent) {
        queue.addFirst(lost)
        if (direction.isSenderCutOff) return end(isStalled = true)
        // What else was lost is sent again with it, and may be lost again.
        for (sent in queue) if (sent === lost || sent.isLost) sent.isLost = isLostByChance(sent.segment)
        val wait = backoff ?: if (lost.segment == Segment.Syn) FIRST_OF_SYN else FIRST
        if (backoff == null) network.note(direction.from, "$label: ${lost.segment} is lost")
        backoff = min(2 * wait, LONGEST)
        val arrival = now + wait + conditions.latency.draw(choices)
        val deadline = deadline(lost)
        if (arrival < deadline) arriveAt(arrival) else next = agenda.at(deadline, ::giveUpOrPark)
    }

    /** Until when the sender of [first] tries again: only what TCP sends again counts. To connect has a deadline of its own. */
    private fun deadline(first: Sent): Long {
        if (first.segment == Segment.Syn) return Long.MAX_VALUE
        val oldest = queue.firstOrNull { it.segment.isRetransmitted } ?: first
        return max(oldest.since, progressAt) + timeoutOf(oldest.segment)
    }

    private fun timeoutOf(segment: Segment) =
        (if (segment == Segment.SynAck) conditions.connectTimeout else conditions.retransmissionTimeout).inWholeNanoseconds

    private fun giveUpOrPark() {
        next = null
        if (queue.any { it.segment.isRetransmitted }) return giveUp()
        network.park(this)
        // Whoever waits for room asks for it again and again, and nobody answers.
        if (back.isFull) back.giveUp()
    }

    /** The network has healed. */
    fun tryAgain() {
        if (next == null && queue.isNotEmpty()) arriveAt(now + conditions.latency.draw(choices))
    }

    private fun giveUp() {
        if (direction.isSenderCutOff) return
        network.note(direction.from, "$label: gives up")
        end(isStalled = true)
        direction.giveUp()
    }

    /** The sender's socket is gone. What is on its way arrives, unless the path [isStalled]. */
    private fun end(isStalled: Boolean) {
        isOver = true
        probes.end()
        connecting?.cancel()
        if (back.isFull) back.startProbing()
        if (!isStalled) return
        queue.clear()
        next?.cancel()
        next = null
        backoff = null
    }

    // Acknowledging: at once, if anything can come back; this is not what tells how much was read.

    private fun acknowledge(sent: Sent) {
        if (sent.segment.isRetransmitted && !back.isOpen) startProbing(timeoutOf(sent.segment))
    }

    /** Asks from now on whether the other end is there, and gives up if nothing has answered for [timeout]. */
    private fun startProbing(timeout: Long = conditions.retransmissionTimeout.inWholeNanoseconds) {
        if (!isOver) probes.start(timeout)
    }

    /** What waits to be sent again asks for itself. */
    private fun isAnswered() = direction.isSenderCutOff || (isOpen && back.isOpen && (queue.isNotEmpty() || arrives(Segment.Probe)))

    companion object {
        /** How long until a segment is sent again: first, and at most. */
        const val FIRST = 200_000_000L
        private const val FIRST_OF_SYN = 1_000_000_000L
        const val LONGEST = 120_000_000_000L

        /** What is split arrives up to so much apart; parts without a gap are joined again. */
        private const val LONGEST_GAP = 1_000_000L

        /** Whether TCP waits for its acknowledgement; acknowledgements themselves have none. */
        private val Segment.isRetransmitted get() = this !is Segment.Ack && this != Segment.Established && this != Segment.Rst

        /** The two directions of a connection. */
        fun pair(
            there: Path,
            back: Path,
        ): Pair<Path, Path> {
            there.back = back
            back.back = there
            return there to back
        }
    }
}
