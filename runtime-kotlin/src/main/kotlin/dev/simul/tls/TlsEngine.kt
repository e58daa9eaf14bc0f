// SPDX-License-Identifier: Apache-2.0
package dev.simul.tls

import dev.simul.transports.Backlog
import dev.simul.transports.drop
import java.nio.ByteBuffer
import javax.net.ssl.SSLEngine
import javax.net.ssl.SSLEngineResult
import javax.net.ssl.SSLEngineResult.HandshakeStatus
import javax.net.ssl.SSLEngineResult.Status
import javax.net.ssl.SSLException

/** Turns bytes into records and records into bytes, as many at once as there are. */
internal class TlsEngine(
    val engine: SSLEngine,
) {
    var isHandshakeDone = false
        private set

    /** Whether the peer has closed its direction of TLS. */
    var isInboundDone = false
        private set

    /** The error in the record after the last good one. */
    private var failure: SSLException? = null

    val status: HandshakeStatus get() = engine.handshakeStatus

    /**
     * Fills [target] with the engine's own messages, then with [waiting], then with [data].
     *
     * @return whether it is full, so that there may be more.
     */
    fun encipher(
        waiting: Backlog,
        data: ByteBuffer,
        target: ByteBuffer,
    ): Boolean {
        while (true) {
            val isWaiting = !waiting.isEmpty()
            val result = engine.wrap(if (isWaiting) waiting.first() else data, target)
            if (isWaiting) waiting.drop(result.bytesConsumed())
            note(result)
            when {
                result.status == Status.BUFFER_OVERFLOW -> return true
                result.status == Status.CLOSED -> {
                    waiting.clear()
                    return false
                }
                result.isIdle -> return false
                waiting.isEmpty() && !data.hasRemaining() && status != HandshakeStatus.NEED_WRAP -> return false
            }
        }
    }

    /**
     * Fills [target] with the contents of the records in [input]; an incomplete record stays there.
     *
     * @return whether it made progress.
     */
    fun decipher(
        input: ByteBuffer,
        target: ByteBuffer,
    ): Boolean {
        failure?.let { throw it }
        var hasMoved = false
        while (input.hasRemaining()) {
            val result = unwrap(input, target, hasMoved) ?: return true
            note(result)
            hasMoved = hasMoved || !result.isIdle
            if (result.status != Status.OK || result.isIdle || result.handshakeStatus.isUrgent) break
        }
        return hasMoved
    }

    /** Returns null if it failed after good bytes: the failure is to be reported after them. */
    private fun unwrap(
        input: ByteBuffer,
        target: ByteBuffer,
        hasMoved: Boolean,
    ): SSLEngineResult? =
        try {
            engine.unwrap(input, target)
        } catch (e: SSLException) {
            if (!hasMoved) throw e
            failure = e
            null
        }

    private fun note(result: SSLEngineResult) {
        if (result.handshakeStatus == HandshakeStatus.FINISHED) isHandshakeDone = true
        if (result.status == Status.CLOSED && engine.isInboundDone) isInboundDone = true
    }

    private val SSLEngineResult.isIdle get() = bytesConsumed() == 0 && bytesProduced() == 0

    private val HandshakeStatus.isUrgent
        get() = this == HandshakeStatus.NEED_TASK || this == HandshakeStatus.NEED_WRAP || this == HandshakeStatus.FINISHED
}
