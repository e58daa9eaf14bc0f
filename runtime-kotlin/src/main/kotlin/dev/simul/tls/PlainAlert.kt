// SPDX-License-Identifier: Apache-2.0
package dev.simul.tls

import java.nio.ByteBuffer

/** Tells a client of a failure before there is an engine that could: a record that is not encrypted. */
internal enum class PlainAlert(
    private val code: Byte,
) {
    HANDSHAKE_FAILURE(40),

    /** OpenSSL sends this for names that it refuses. */
    UNRECOGNIZED_NAME(112),
    ;

    fun record(): ByteBuffer = ByteBuffer.wrap(byteArrayOf(ALERT, 3, 3, 0, 2, FATAL, code))

    private companion object {
        const val ALERT: Byte = 21
        const val FATAL: Byte = 2
    }
}
