// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo

import io.ktor.client.statement.HttpResponse
import io.ktor.client.statement.bodyAsChannel
import io.ktor.http.contentLength
import io.ktor.utils.io.readBuffer
import kotlinx.io.readByteArray
import java.io.EOFException
import java.io.IOException

/** As many bytes as a demo takes into memory from a server at once. */
internal const val LONGEST_BODY = 10_000_000

/** All of this answer's body. @throws IOException if it is longer than [LONGEST_BODY], or shorter than the server said. */
internal suspend fun HttpResponse.wholeBody(): ByteArray {
    val body = bodyAsChannel().readBuffer(LONGEST_BODY + 1L).readByteArray()
    if (body.size > LONGEST_BODY) throw bodyTooLong()
    if (body.size < (contentLength() ?: 0)) throw EOFException("${body.size} of ${contentLength()} bytes")
    return body
}

/** Says that a body is longer than [LONGEST_BODY]. */
internal fun bodyTooLong() = IOException("the answer is longer than ${LONGEST_BODY / 1_000_000} MB")
