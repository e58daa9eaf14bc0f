// SPDX-License-Identifier: Apache-2.0
package dev.simul.tls

import dev.simul.Future
import dev.simul.createFuture
import dev.simul.loop.EventLoop
import dev.simul.loop.getRunningLoop
import dev.simul.net.ConnectionOptions
import dev.simul.net.Server
import dev.simul.net.ServerOptions
import dev.simul.net.createConnection
import dev.simul.net.createServer
import dev.simul.net.port
import dev.simul.net.until
import dev.simul.transports.Protocol
import dev.simul.transports.Transport
import dev.simul.waitFor
import java.net.InetSocketAddress
import kotlin.time.Duration.Companion.seconds
import dev.simul.run as runLoop

/** Runs [test] on a loop, for a minute at most. */
internal fun onTls(test: suspend EventLoop.() -> Unit): Unit = runLoop { waitFor(60.seconds) { getRunningLoop().test() } }

internal val Server.boundPort: Int get() = (addresses.first() as InetSocketAddress).port

/** Keeps what it is told, and lets others wait for it. */
internal class TlsProbe(
    private val loop: EventLoop = getRunningLoop(),
    private val onMade: (Transport) -> Unit = {},
    private val onData: (TlsProbe) -> Unit = {},
) : Protocol {
    val events = mutableListOf<String>()
    val received = StringBuilder()
    lateinit var transport: Transport
    private val waiting = ArrayList<Pair<() -> Boolean, Future<Unit>>>()
    val made: Future<Transport> = loop.createFuture()

    /** Why the connection was lost. */
    val lost: Future<Throwable?> = loop.createFuture()

    /** Waits until [condition] is true, which is looked at whenever something happens. */
    suspend fun until(condition: () -> Boolean) {
        if (condition()) return
        val waiter = loop.createFuture<Unit>()
        waiting += condition to waiter
        waiter.await()
    }

    private fun tell(event: String) {
        if (events.lastOrNull() != event) events += event
        for ((condition, waiter) in waiting) if (!waiter.done() && condition()) waiter.setResult(Unit)
    }

    override fun connectionMade(transport: Transport) {
        this.transport = transport
        tell("made")
        made.setResult(transport)
        onMade(transport)
    }

    override fun dataReceived(data: ByteArray) {
        received.append(data.toString(Charsets.ISO_8859_1))
        tell("data")
        onData(this)
    }

    override fun eofReceived(): Boolean {
        tell("eof")
        return false
    }

    override fun pauseWriting() = tell("pause")

    override fun resumeWriting() = tell("resume")

    override fun connectionLost(exception: Throwable?) {
        tell("lost")
        lost.setResult(exception)
    }
}

/** A server and a client that have shaken hands, with a probe each. */
internal class TlsPair(
    val server: Server,
    val serverSide: TlsProbe,
    val clientSide: TlsProbe,
) {
    suspend fun end() {
        clientSide.transport.abort()
        serverSide.transport.abort()
        server.aclose()
    }
}

internal suspend fun EventLoop.tlsPair(
    serverSide: TlsProbe = TlsProbe(),
    clientSide: TlsProbe = TlsProbe(),
    server: ServerOptions = ServerOptions(ssl = serverContext()),
    client: ConnectionOptions = ConnectionOptions(ssl = clientContext()),
): TlsPair {
    val listening = createServer("localhost", 0, server) { serverSide }
    createConnection("localhost", listening.boundPort, client) { clientSide }
    serverSide.made.await()
    return TlsPair(listening, serverSide, clientSide)
}

/** The transport that a connection over TLS goes through. */
internal val Transport.below: Transport
    get() = checkNotNull((this as TlsTransport).tls.transport)
