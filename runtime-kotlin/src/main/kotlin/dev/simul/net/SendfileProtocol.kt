// SPDX-License-Identifier: Apache-2.0
package dev.simul.net

import dev.simul.SingleWaiter
import dev.simul.loop.EventLoop
import dev.simul.transports.ConnectionAbortedException
import dev.simul.transports.Protocol
import dev.simul.transports.Transport

/**
 * Replaces a transport's protocol while a file is written to that transport, and is paused and resumed in its place.
 *
 * Source: `asyncio.base_events._SendfileFallbackProtocol`.
 */
internal class SendfileProtocol(
    private val loop: EventLoop,
    private val transport: Transport,
) : Protocol {
    private val original = transport.protocol
    private val wasReading = transport.isReading

    /** Whether the original was paused; known when the transport first pauses or resumes. */
    private var wasPaused: Boolean? = null
    private var isPaused = false
    private var resumed: SingleWaiter? = null

    init {
        transport.pauseReading()
        transport.protocol = this
        isPaused = isOverflowing
    }

    private val isOverflowing get() = transport.writeBufferSize > transport.writeBufferLimits.high

    suspend fun drain() {
        if (transport.isClosing) throw ConnectionAbortedException("$transport was closed while a file was being sent through it")
        if (!isPaused) return
        val waiter = SingleWaiter(loop, "sendfile", transport).also { resumed = it }
        try {
            waiter.await()
        } finally {
            resumed = null
        }
    }

    override fun pauseWriting() {
        if (wasPaused == null) wasPaused = false
        isPaused = true
    }

    override fun resumeWriting() {
        if (wasPaused == null) wasPaused = true
        isPaused = false
        resumed?.wake()
    }

    override fun connectionLost(exception: Throwable?) {
        resumed?.wake(exception ?: ConnectionAbortedException("$transport was closed while a file was being sent through it"))
        original.connectionLost(exception)
    }

    override fun dataReceived(data: ByteArray): Unit = error("$transport has received data although its reading was paused")

    override fun eofReceived(): Boolean = original.eofReceived()

    /** Restores the original, and makes the calls that it has missed. */
    fun restore() {
        transport.protocol = original
        if (wasReading) transport.resumeReading()
        val wasPaused = wasPaused ?: return
        if (wasPaused && !isPaused) original.resumeWriting()
        if (!wasPaused && isPaused) original.pauseWriting()
    }
}
