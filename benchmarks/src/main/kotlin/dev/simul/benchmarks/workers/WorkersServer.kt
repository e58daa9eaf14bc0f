// SPDX-License-Identifier: Apache-2.0
package dev.simul.benchmarks.workers

import dev.simul.loop.getRunningLoop
import dev.simul.net.Server
import dev.simul.net.ServerOptions
import dev.simul.net.createServer
import dev.simul.streams.StreamReader
import dev.simul.streams.StreamReaderProtocol
import dev.simul.streams.StreamWriter
import dev.simul.transports.Protocol
import dev.simul.transports.StreamingProtocol
import dev.simul.transports.Transport
import dev.simul.workers.currentWorker
import dev.simul.workers.serve
import java.net.InetSocketAddress
import java.nio.ByteBuffer
import java.nio.channels.ServerSocketChannel
import kotlin.concurrent.thread
import dev.simul.run as runLoop

/** Sends the number of its worker, and nothing more. */
private class Greeting(
    private val worker: Int,
) : Protocol {
    override fun connectionMade(transport: Transport): Unit = transport.write(byteArrayOf(worker.toByte()))

    override fun dataReceived(data: ByteBuffer) = Unit
}

/** What a server does with its connections: `greet`, `echo`, or an echo of lines that burn the processor for so many rounds each. */
private class Service(
    private val kind: String,
) {
    fun protocol(worker: Int): StreamingProtocol {
        if (kind == "greet") return Greeting(worker)
        val loop = getRunningLoop()
        val handler = if (kind == "echo") ::echo else burning(Burn(kind.toInt()))
        return StreamReaderProtocol(StreamReader(LIMIT, loop), loop, handler)
    }

    private suspend fun echo(
        reader: StreamReader,
        writer: StreamWriter,
    ) {
        val buffer = ByteBuffer.allocateDirect(LIMIT)
        while (reader.read(buffer) >= 0) {
            writer.write(buffer.flip())
            writer.drain()
            buffer.clear()
        }
        writer.close()
    }

    private fun burning(burn: Burn): suspend (StreamReader, StreamWriter) -> Unit =
        { reader, writer ->
            while (true) {
                val line = reader.readline()
                if (line.isEmpty() || burn.burn() < 0) break
                writer.write(line)
                writer.drain()
            }
            writer.close()
        }
}

/** A server in several loops of a process. */
private class Loops(
    private val count: Int,
    private val port: Int,
    private val service: Service,
) {
    /** The supervisor's workers. */
    fun serveByWorkers() = serve(count) { listen(currentWorker()!!.id).serveForever() }

    /** Loops that know nothing of each other, each with a listener of its own; with one alone, an ordinary server. */
    fun serveByOwnListeners() = inThreads { listen(it, ServerOptions(backlog = BACKLOG, reusePort = count > 1)) }

    /** Loops that know nothing of each other, with one listener that is in the selector of each. */
    fun serveByOneListener() {
        val channel = ServerSocketChannel.open().bind(InetSocketAddress("127.0.0.1", port), BACKLOG)
        inThreads { worker -> getRunningLoop().createServer(channel) { service.protocol(worker) } }
    }

    private suspend fun listen(
        worker: Int,
        options: ServerOptions = ServerOptions(backlog = BACKLOG),
    ): Server = getRunningLoop().createServer("127.0.0.1", port, options) { service.protocol(worker) }

    private fun inThreads(listen: suspend (worker: Int) -> Server) {
        for (worker in 1..count) thread { runLoop { listen(worker).serveForever() } }
    }
}

private const val LIMIT = 1 shl 16
private const val BACKLOG = 1024

/**
 * `WorkersServer HOW WORKERS PORT SERVICE`: a server on the loopback interface, in so many threads, until it is stopped. HOW they share its
 * address is `deal` (the supervisor of `serve`), `reuseport` (a listener each) or `selectors` (one listener in the selector of each).
 */
internal fun main(args: Array<String>) {
    val loops = Loops(args[1].toInt(), args[2].toInt(), Service(args[3]))
    when (args[0]) {
        "deal" -> loops.serveByWorkers()
        "reuseport" -> loops.serveByOwnListeners()
        "selectors" -> loops.serveByOneListener()
        else -> error("'${args[0]}' is no way to share a listener: there are deal, reuseport and selectors")
    }
}
