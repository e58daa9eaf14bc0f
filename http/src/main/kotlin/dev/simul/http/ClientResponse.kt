// SPDX-License-Identifier: Apache-2.0
package dev.simul.http

/**
 * A response that a client has got.
 *
 * Its connection can serve another request once [body] is read to its end. Whoever does not read that far closes the response, and with it
 * the connection.
 *
 * @property head the response up to its body.
 * @property body the body, as it arrives. After an upgrade: what the server sends in the new protocol, until it ends the connection.
 * @property writer after an upgrade (status 101, or a `CONNECT` that was granted): takes what is sent in the new protocol; otherwise null.
 *   [close] ends both directions, once everything is sent.
 */
public class ClientResponse internal constructor(
    public val head: ResponseHead,
    public val body: BodyReader,
    public val writer: BodyWriter?,
    private val connection: ClientConnection,
) : AutoCloseable {
    /** Information about the connection, as [dev.simul.transports.BaseTransport.getExtraInfo] has it; null once the body is read to its end. */
    public fun getExtraInfo(name: String): Any? = if (writer == null && body.isDone) null else connection.getExtraInfo(name)

    /** As [getExtraInfo], right after the response began, also if it has no body. */
    internal fun infoAtBegin(name: String): Any? = connection.getExtraInfo(name)

    /** Closes the connection, unless the body was read to its end. What the server still sends is not received. */
    override fun close() {
        if (writer != null) {
            connection.close()
        } else if (!body.isDone) {
            connection.abort()
        }
    }

    /** Closes the connection at once, unless the body was read to its end: after an upgrade too, where what was written may be lost then. */
    public fun abort() {
        if (writer != null || !body.isDone) connection.abort()
    }

    override fun toString(): String = "<ClientResponse $head>"
}
