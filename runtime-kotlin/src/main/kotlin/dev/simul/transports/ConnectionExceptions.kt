// SPDX-License-Identifier: Apache-2.0
package dev.simul.transports

import java.io.IOException
import java.net.SocketException

/**
 * A connection broke, or could not be made. A connection refused by the peer is a [java.net.ConnectException].
 *
 * Source: `ConnectionError`.
 */
public open class ConnectionException(
    message: String,
) : SocketException(message)

/**
 * The peer reset the connection.
 *
 * Source: `ConnectionResetError`.
 */
public class ConnectionResetException(
    message: String,
) : ConnectionException(message)

/**
 * The connection was aborted on this side.
 *
 * Source: `ConnectionAbortedError`.
 */
public class ConnectionAbortedException(
    message: String,
) : ConnectionException(message)

/**
 * The peer no longer receives.
 *
 * Source: `BrokenPipeError`.
 */
public class BrokenPipeException(
    message: String,
) : ConnectionException(message)

/** The JDK distinguishes these only by their messages. */
internal fun IOException.classified(): IOException {
    val text = message.orEmpty()
    return when {
        this is ConnectionException -> this
        "reset" in text -> ConnectionResetException(text).also { it.initCause(this) }
        "Broken pipe" in text -> BrokenPipeException(text).also { it.initCause(this) }
        "abort" in text -> ConnectionAbortedException(text).also { it.initCause(this) }
        else -> this
    }
}
