// SPDX-License-Identifier: Apache-2.0
package dev.simul.tls

import javax.net.ssl.SSLException

/**
 * The peer has closed the connection without ending TLS before: what it sent may have been cut off, by somebody in between.
 *
 * Only contexts that do not [ignore][SslContext.withIgnoreUnexpectedEof] this have connections fail with it.
 *
 * Source: `ssl.SSLEOFError`.
 */
public class SslEofException(
    message: String,
) : SSLException(message) {
    private companion object {
        private const val serialVersionUID = 1L
    }
}
