// SPDX-License-Identifier: Apache-2.0
package dev.simul.tls

import javax.net.ssl.SSLException

/**
 * The peer closed the connection without ending TLS first: an attacker may have truncated the data.
 *
 * Connections fail with it only if their context does not [ignore][SslContext.withIgnoreUnexpectedEof] this.
 *
 * Source: `ssl.SSLEOFError`.
 */
public class SslEofException(
    message: String,
) : SSLException(message)
