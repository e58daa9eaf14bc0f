// SPDX-License-Identifier: Apache-2.0
package dev.simul.http

import java.io.ByteArrayOutputStream
import java.nio.ByteBuffer

/** Parses messages one after the other, as one end of a connection does, and records what it makes of them. */
internal class Receiver<H : MessageHead>(
    private val parser: HeadParser<H>,
    private val limits: HttpLimits,
    private val framing: (H) -> BodyFraming,
) {
    val record = ArrayList<String>()
    private var decoder: BodyDecoder? = null
    private val body = ByteArrayOutputStream()

    /** Whether it can take more. */
    var isOpen = true
        private set

    fun feed(piece: ByteBuffer) {
        if (!isOpen) return
        try {
            while (step(piece) && piece.hasRemaining()) continue
        } catch (e: HttpException) {
            fail(e)
        }
    }

    private fun step(piece: ByteBuffer): Boolean {
        val decoder = decoder
        if (decoder == null) {
            val head = parser.parse(piece) ?: return false
            record += "$head " + head.headers.joinToString { "${it.name}: ${it.value}" }
            val next = BodyDecoder.of(framing(head), limits)
            if (next.isDone) endBody(next) else this.decoder = next
            return true
        }
        decoder.decode(piece) { content -> while (content.hasRemaining()) body.write(content.get().toInt()) }
        if (decoder.isDone) endBody(decoder)
        return true
    }

    private fun endBody(done: BodyDecoder) {
        record += "body '${body.toString(Charsets.ISO_8859_1)}' " + done.trailers.joinToString { "${it.name}: ${it.value}" }
        body.reset()
        decoder = null
    }

    /** The connection ends. */
    fun end() {
        if (!isOpen) return
        try {
            decoder?.let {
                it.end()
                endBody(it)
            }
            if (parser.isInHead) record += "ended in a head"
        } catch (e: HttpException) {
            fail(e)
        }
        isOpen = false
    }

    private fun fail(e: HttpException) {
        record += if (e is BadMessageException) "${e.status} ${e.problem}" else e.problem
        isOpen = false
    }
}

/** What a server makes of [text] in ISO 8859-1, whose pieces end at [cuts]. */
internal fun requestsIn(
    text: String,
    cuts: List<Int> = emptyList(),
    limits: HttpLimits = HttpLimits.DEFAULT,
): List<String> = received(Receiver(RequestParser(limits), limits) { BodyFraming.of(it) }, text, cuts)

/** What a client makes of [text] that answers requests of [method]. */
internal fun responsesIn(
    text: String,
    cuts: List<Int> = emptyList(),
    limits: HttpLimits = HttpLimits.DEFAULT,
    method: String = "GET",
): List<String> = received(Receiver(ResponseParser(limits), limits) { BodyFraming.of(it, method) }, text, cuts)

private fun received(
    receiver: Receiver<*>,
    text: String,
    cuts: List<Int>,
): List<String> {
    val bytes = text.toByteArray(Charsets.ISO_8859_1)
    // Direct buffers with bytes around, as they are lent by a loop.
    val all = ByteBuffer.allocateDirect(bytes.size + 2).put(0).put(bytes)
    for ((from, to) in (listOf(0) + cuts + bytes.size).zipWithNext()) receiver.feed(all.duplicate().limit(to + 1).position(from + 1))
    receiver.end()
    return receiver.record
}

/** Each way to get [text] in two pieces, and once byte by byte. */
internal fun splitsOf(text: String): List<List<Int>> = (1 until text.length).map { listOf(it) } + listOf((1 until text.length).toList())
