// SPDX-License-Identifier: Apache-2.0
package dev.simul.transports

import dev.simul.Future
import dev.simul.createFuture
import dev.simul.loop.EventLoop
import dev.simul.loop.getRunningLoop
import dev.simul.net.until

/** Records what its transport tells it. */
internal open class RecordingProtocol(
    private val loop: EventLoop = getRunningLoop(),
    private val staysOpen: Boolean = false,
) : Protocol {
    val events = mutableListOf<String>()
    private val waiting = mutableListOf<Pair<(String) -> Boolean, Future<Unit>>>()
    lateinit var transport: Transport

    /** All that has come, as text. */
    var received = ""

    private fun record(event: String) {
        events += event
        waiting.filter { (condition, waiter) -> !waiter.done() && condition(received) }.forEach { it.second.setResult(Unit) }
    }

    /** Waits until [condition] is true of what has come. */
    suspend fun received(condition: (String) -> Boolean): String {
        if (!condition(received)) {
            val waiter = loop.createFuture<Unit>()
            waiting += condition to waiter
            waiter.await()
        }
        return received
    }

    /** Waits until it was told [count] things. */
    suspend fun awaitEvents(count: Int) = until { events.size >= count }

    /** Done when the connection is gone, with what it was lost by. */
    val lost: Future<Throwable?> = loop.createFuture()

    override fun connectionMade(transport: Transport) {
        this.transport = transport
        record("made")
    }

    override fun dataReceived(data: ByteArray) {
        received += String(data)
        record("data ${String(data)}")
    }

    override fun eofReceived(): Boolean {
        record("eof")
        return staysOpen
    }

    override fun pauseWriting() = record("pause")

    override fun resumeWriting() = record("resume")

    override fun connectionLost(exception: Throwable?) {
        record("lost")
        lost.setResult(exception)
    }
}
