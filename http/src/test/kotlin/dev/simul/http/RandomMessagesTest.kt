// SPDX-License-Identifier: Apache-2.0
package dev.simul.http

import dev.simul.house.Soak
import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import java.nio.ByteBuffer
import kotlin.random.Random

class RandomMessagesTest :
    FunSpec({
        test("random messages that are encoded, and received in random pieces, are what they were") {
            for (seed in 1..Soak.of(20_000)) {
                withClue("seed $seed") {
                    val messages = Messages(Random(seed))
                    val sent = List(1 + seed % 4) { messages.next() }
                    requestsIn(
                        sent.joinToString("") { it.text },
                        messages.cuts(sent.sumOf { it.text.length }),
                    ) shouldBe sent.flatMap { it.record }
                }
            }
        }

        test("random damage is refused or understood, and never differently in other pieces") {
            for (seed in 1..Soak.of(20_000)) {
                withClue("seed $seed") {
                    val messages = Messages(Random(seed))
                    val damaged = messages.damage(messages.next().text + messages.next().text)
                    requestsIn(damaged, messages.cuts(damaged.length)) shouldBe requestsIn(damaged)
                }
            }
        }
    })

private class Messages(
    private val random: Random,
) {
    class Message(
        val text: String,
        val record: List<String>,
    )

    fun next(): Message {
        val body = text(0, 300, ' '..'~')
        val isChunked = random.nextBoolean()
        val builder = Headers.Builder().add("Host", text(1, 9, 'a'..'z'))
        repeat(random.nextInt(15)) { builder.add("X-" + text(1, 9, 'A'..'Z'), text(0, 60, '!'..'~')) }
        if (isChunked) {
            builder.add("transfer-encoding", "chunked")
        } else if (body.isNotEmpty()) {
            builder.add("content-length", "${body.length}")
        }
        val head = RequestHead(text(1, 9, 'A'..'Z'), "/" + text(0, 200, 'a'..'z'), builder.build())
        val trailers = if (isChunked) Headers.of("T-" + text(0, 3, 'a'..'z') to text(0, 9, 'a'..'z')) else Headers.EMPTY
        val buffer = ByteBuffer.allocate(head.encodedSize + 20 * body.length + ChunkEncoder.lastSize(trailers)).also(head::encodeTo)
        if (isChunked) chunks(body, buffer).also { ChunkEncoder.last(buffer, trailers) } else buffer.put(body.toByteArray())
        val record = listOf("$head ${head.headers.shown()}", "body '$body' ${trailers.shown()}")
        return Message(Charsets.ISO_8859_1.decode(buffer.flip()).toString(), record)
    }

    private fun chunks(
        body: String,
        buffer: ByteBuffer,
    ) {
        var from = 0
        while (from < body.length) {
            val size = random.nextInt(1, body.length - from + 1)
            ChunkEncoder.begin(buffer, size)
            buffer.put(body.substring(from, from + size).toByteArray())
            ChunkEncoder.end(buffer)
            from += size
        }
    }

    private fun Headers.shown() = joinToString { "${it.name}: ${it.value}" }

    private fun text(
        least: Int,
        most: Int,
        letters: CharRange,
    ) = String(CharArray(random.nextInt(least, most + 1)) { letters.random(random) })

    /** Where the pieces end. */
    fun cuts(length: Int): List<Int> = List(random.nextInt(8)) { random.nextInt(length + 1) }.sorted()

    /** Changes, drops, repeats or inserts a few characters; those that matter are the likeliest. */
    fun damage(text: String): String {
        val letters = StringBuilder(text)
        repeat(random.nextInt(1, 4)) {
            val at = random.nextInt(letters.length)
            when (random.nextInt(4)) {
                0 -> letters.setCharAt(at, SPECIAL.random(random))
                1 -> letters.deleteCharAt(at)
                2 -> letters.insert(at, letters[at])
                else -> letters.insert(at, SPECIAL.random(random))
            }
        }
        return letters.toString()
    }

    private companion object {
        const val SPECIAL = "\r\n\r\n :;,\t\u0000\u007f\u00ff0159afAF/#HTTP"
    }
}
