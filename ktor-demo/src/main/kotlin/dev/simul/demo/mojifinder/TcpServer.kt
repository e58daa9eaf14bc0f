// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.mojifinder

import dev.simul.AsyncCloseable
import dev.simul.demo.Failure
import dev.simul.demo.LOOPBACK
import dev.simul.exceptions.TimeoutException
import dev.simul.net.Server
import dev.simul.sleep
import dev.simul.streams.IncompleteReadException
import dev.simul.streams.LimitOverrunException
import dev.simul.streams.StreamReader
import dev.simul.streams.StreamWriter
import dev.simul.streams.startServer
import dev.simul.timeout
import java.io.IOException
import java.net.BindException
import java.net.InetSocketAddress
import kotlin.time.Duration
import kotlin.time.Duration.Companion.seconds

/**
 * Finds characters for whoever connects by telnet, and talks to all of them at once: each connection has a task of its own. It listens at
 * [host], which is this machine.
 */
internal class TcpServer(
    private val index: InvertedIndex,
    private val log: (String) -> Unit,
    private val host: String = LOOPBACK,
) : AsyncCloseable {
    private var server: Server? = null

    /**
     * Listens at [port] of this machine, 0 for any that is free.
     *
     * @return where it listens.
     * @throws Failure if it cannot.
     */
    suspend fun start(port: Int): InetSocketAddress {
        val server =
            try {
                startServer(host, port, LONGEST_LINE, clientConnected = ::finder)
            } catch (e: BindException) {
                throw portFailure("--tcp", port, e)
            }
        this.server = server
        return server.addresses.single() as InetSocketAddress
    }

    /** Hangs up on everybody; those who do not take what they are being told have a moment for that. */
    override suspend fun aclose() {
        val server = server ?: return
        server.close()
        server.closeClients()
        try {
            timeout(1.seconds) { server.waitClosed() }
        } catch (_: TimeoutException) {
            server.abortClients()
            server.waitClosed()
        }
    }

    private suspend fun finder(
        reader: StreamReader,
        writer: StreamWriter,
    ) {
        val client = repr(writer.getExtraInfo("peername") as InetSocketAddress)
        try {
            converse(client, reader, writer)
            writer.aclose()
        } catch (_: IOException) {
            // The client has broken off, which is a way to end it too.
        } finally {
            log("Close $client.")
        }
    }

    private suspend fun converse(
        client: String,
        reader: StreamReader,
        writer: StreamWriter,
    ) {
        while (true) {
            writer.write(PROMPT)
            writer.drain()
            val line = reader.line()
            if (line == null) {
                log(" From $client: a line that is too long")
                writer.write("No name is longer than $LONGEST_LINE bytes.$CRLF".encodeToByteArray())
                continue
            }
            if (line.isEmpty()) break
            val query = line.decodeOrNull()?.trim() ?: "\u0000"
            log(" From $client: ${repr(query)}")
            if (query.isEmpty()) continue
            if (query.first() < ' ') break
            log(" To $client: ${search(query, writer)} results.")
        }
    }

    private suspend fun search(
        query: String,
        writer: StreamWriter,
    ): Int {
        val found = index.search(query)
        for (characters in found.chunked(TURN)) {
            writer.writelines(characters.map { "$it$CRLF".encodeToByteArray() })
            sleep(Duration.ZERO) // others have their turns too
            writer.drain()
        }
        writer.write("${"─".repeat(66)} ${found.size} found$CRLF".encodeToByteArray())
        writer.drain()
        return found.size
    }

    private companion object {
        const val LONGEST_LINE = 4096
        const val TURN = 500
        const val CRLF = "\r\n"
        val PROMPT = "?> ".encodeToByteArray()

        /** A line; empty at the end of the stream. Null if it was too long to be kept. */
        suspend fun StreamReader.line(): ByteArray? {
            var isTooLong = false
            while (true) {
                try {
                    return readuntil().takeUnless { isTooLong }
                } catch (e: LimitOverrunException) {
                    readexactly(e.consumed)
                    isTooLong = true
                } catch (e: IncompleteReadException) {
                    return e.partial
                }
            }
        }

        fun ByteArray.decodeOrNull(): String? =
            try {
                decodeToString(throwOnInvalidSequence = true)
            } catch (_: CharacterCodingException) {
                null
            }
    }
}
