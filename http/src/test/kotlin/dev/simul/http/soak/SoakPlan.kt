// SPDX-License-Identifier: Apache-2.0
package dev.simul.http.soak

import dev.simul.http.Headers
import dev.simul.http.HttpServerOptions
import dev.simul.http.RequestHead
import dev.simul.streams.StreamWriter
import java.net.StandardSocketOptions
import java.nio.ByteBuffer
import java.nio.channels.SocketChannel
import kotlin.random.Random
import kotlin.time.Duration
import kotlin.time.Duration.Companion.seconds

/**
 * How long the soak is, and how its ends behave.
 *
 * @property seed of all that is random.
 * @property connections how many are open at once.
 * @property requests how many are made through all of them.
 * @property patience of a server with a client that is slow.
 * @property hang how long an exchange may take that is no failure of the implementation.
 */
internal class SoakPlan(
    val seed: Long,
    val connections: Int,
    val requests: Int,
    val patience: Duration,
    val hang: Duration = 60.seconds,
) {
    val server get() = HttpServerOptions(headerTimeout = patience, idleTimeout = patience, bodyTimeout = patience, sendDate = false)

    /** For a server that has no room for most of its clients. */
    val crowded get() = HttpServerOptions(headerTimeout = patience, idleTimeout = patience, bodyTimeout = patience, maxConnections = CROWD)

    override fun toString(): String = "seed $seed, $connections connections, $requests requests, servers wait $patience"

    companion object {
        const val CROWD = 4

        /** In bytes: more than a loop sends, or receives, at once. */
        const val LARGE = 700_000
    }
}

/** What a client asks for: that a server behaves in a way of its own, with a body of [size] bytes of the [Pattern] from [start] on. */
internal class Ask(
    val kind: String,
    val start: Int,
    val size: Int,
) {
    val target get() = "/$kind/$start/$size"

    val content: ByteBuffer get() = Pattern.view(start, size)

    fun head(
        method: String,
        vararg fields: Pair<String, String>,
    ) = RequestHead(method, target, Headers.of("Host" to "soak.test", *fields))

    companion object {
        fun of(target: String): Ask {
            val (kind, start, size) = target.drop(1).split('/')
            return Ask(kind, start.toInt(), size.toInt())
        }

        /** Most bodies are small. */
        fun random(
            kind: String,
            random: Random,
        ) = Ask(
            kind,
            random.nextInt(1 shl 16),
            when (random.nextInt(40)) {
                0 -> random.nextInt(200_000)
                in 1..8 -> random.nextInt(10_000)
                9 -> 0
                else -> random.nextInt(200)
            },
        )
    }
}

/** What the bodies consist of. */
internal object Pattern {
    private val bytes = Random(1).nextBytes((1 shl 16) + SoakPlan.LARGE)

    fun view(
        start: Int,
        size: Int,
    ): ByteBuffer = ByteBuffer.wrap(bytes, start, size).slice().asReadOnlyBuffer()
}

/** Closes the connection by a reset. */
internal fun StreamWriter.reset() {
    (getExtraInfo("socket") as SocketChannel).setOption(StandardSocketOptions.SO_LINGER, 0)
    transport.abort()
}

/** Writes [content] in random pieces, with random pauses if [isSlow]. */
internal suspend fun inPieces(
    content: ByteBuffer,
    random: Random,
    pause: suspend () -> Unit,
    write: suspend (ByteBuffer) -> Unit,
) {
    while (content.hasRemaining()) {
        val size = 1 + random.nextInt(minOf(content.remaining(), 1 + maxOf(1000, content.remaining() / 2)))
        write(content.slice(content.position(), minOf(size, content.remaining())))
        content.position(content.position() + minOf(size, content.remaining()))
        pause()
    }
}
