// SPDX-License-Identifier: Apache-2.0
package dev.simul.peers

import dev.simul.context.ContextVar
import dev.simul.context.copyContext
import dev.simul.createFuture
import dev.simul.createTask
import dev.simul.currentTask
import dev.simul.gather
import dev.simul.generators.asyncGeneratorReceiving
import dev.simul.loop.EventLoop
import dev.simul.loop.ExceptionHandler
import dev.simul.loop.addReader
import dev.simul.loop.addSignalHandler
import dev.simul.loop.addWriter
import dev.simul.loop.removeReader
import dev.simul.loop.removeSignalHandler
import dev.simul.loop.removeWriter
import dev.simul.net.ConnectionOptions
import dev.simul.net.LOOPBACK_ADDRESS
import dev.simul.net.Server
import dev.simul.net.ServerOptions
import dev.simul.net.SocketPair
import dev.simul.net.connectReadPipe
import dev.simul.net.connectWritePipe
import dev.simul.net.createConnection
import dev.simul.net.createDatagramEndpoint
import dev.simul.net.createServer
import dev.simul.net.createUnixServer
import dev.simul.net.onSockets
import dev.simul.net.port
import dev.simul.net.sockRecv
import dev.simul.net.sockSendall
import dev.simul.net.until
import dev.simul.process.DEVNULL
import dev.simul.process.SubprocessProtocol
import dev.simul.process.SubprocessTransport
import dev.simul.process.subprocessExec
import dev.simul.queues.Queue
import dev.simul.runCoroutineThreadsafe
import dev.simul.runInExecutor
import dev.simul.shutdownAsyncgens
import dev.simul.sleep
import dev.simul.streams.openConnection
import dev.simul.streams.startServer
import dev.simul.sync.Event
import dev.simul.tls.certificate
import dev.simul.tls.clientContext
import dev.simul.tls.serverContext
import dev.simul.tls.startTls
import dev.simul.toThread
import dev.simul.transports.BufferedProtocol
import dev.simul.transports.DatagramProtocol
import dev.simul.transports.DatagramTransport
import dev.simul.transports.Protocol
import dev.simul.transports.StreamingProtocol
import dev.simul.transports.Transport
import dev.simul.waitFor
import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.collections.shouldContainExactly
import sun.misc.Signal
import java.io.File
import java.net.InetSocketAddress
import java.net.SocketAddress
import java.nio.ByteBuffer
import java.nio.channels.DatagramChannel
import java.nio.channels.Pipe
import java.nio.channels.SocketChannel
import java.util.concurrent.TimeUnit
import kotlin.concurrent.thread
import kotlin.time.Duration
import kotlin.time.Duration.Companion.milliseconds

private val variable = ContextVar("variable", "nothing")

/** What was seen in the scene that is played; threads take turns with the loop. */
private val seen = mutableListOf<String>()

private fun see(what: String) {
    seen += "$what sees ${variable.get()} in ${if (currentTask() == null) "no task" else "a task"}"
    variable.set(what)
}

/** Says what it sees, and lets others wait for that. */
private abstract class Watching(
    private val name: String,
) : StreamingProtocol {
    lateinit var transport: Transport
        private set
    private val said = ArrayList<String>()
    private val changed = Event()

    protected fun say(what: String) {
        see("$name $what")
        said += what
        changed.set()
    }

    protected fun sayQuietly(what: String) = see("$name $what")

    fun hasSaid(what: String): Boolean = what in said

    suspend fun until(
        what: String,
        count: Int = 1,
    ) {
        while (said.count { it == what } < count) {
            changed.clear()
            changed.wait()
        }
    }

    override fun connectionMade(transport: Transport) {
        this.transport = transport
        say("made")
    }

    override fun eofReceived(): Boolean {
        say("eof")
        return false
    }

    override fun pauseWriting() = say("pause")

    override fun resumeWriting() = say("resume")

    override fun connectionLost(exception: Throwable?) = say("lost")
}

private open class WatchingProtocol(
    name: String,
) : Watching(name),
    Protocol {
    override fun dataReceived(data: ByteArray) = say("data")
}

private class WatchingBuffer(
    name: String,
) : Watching(name),
    BufferedProtocol {
    override fun getBuffer(sizeHint: Int): ByteBuffer {
        sayQuietly("get buffer")
        return ByteBuffer.allocate(100)
    }

    override fun bufferUpdated(count: Int) = say("data")
}

private class WatchingDatagrams(
    name: String,
) : WatchingProtocol(name),
    DatagramProtocol {
    override fun connectionMade(transport: DatagramTransport) = say("made")

    override fun datagramReceived(
        data: ByteArray,
        addr: SocketAddress,
    ) = say("datagram")
}

private class WatchingChild(
    name: String,
) : WatchingProtocol(name),
    SubprocessProtocol {
    override fun connectionMade(transport: SubprocessTransport) = say("made")

    override fun pipeDataReceived(
        fd: Int,
        data: ByteArray,
    ) = say("data of $fd")

    override fun pipeConnectionLost(
        fd: Int,
        exception: Throwable?,
    ) = say("loss of $fd")
}

/** A factory of protocols with numbers. */
private fun <P> watched(
    name: String,
    made: MutableList<P> = ArrayList(),
    new: (String) -> P,
): () -> P =
    {
        see("factory of $name ${made.size + 1}")
        new("$name ${made.size + 1}").also { made += it }
    }

private val DATA = "data".toByteArray()

/** The other end of a connection. */
private class Caller(
    val write: (ByteArray) -> Unit,
    val close: () -> Unit,
)

private fun callPlainly(server: Server): Caller {
    val channel = SocketChannel.open(server.addresses.first())
    return Caller({ channel.write(ByteBuffer.wrap(it)) }, { channel.close() })
}

private suspend fun accept(
    new: (String) -> Watching = ::WatchingProtocol,
    call: suspend (Server) -> Caller = ::callPlainly,
    listen: suspend (() -> Watching) -> Server,
) {
    variable.set("main")
    val made = ArrayList<Watching>()
    val server = listen(watched("server", made, new))
    variable.set("main, later")
    for (number in 0 until 3) {
        val caller = call(server)
        while (made.size <= number) sleep(Duration.ZERO)
        made[number].until("made")
        for (count in 1..2) {
            caller.write(DATA)
            made[number].until("data", count)
        }
        caller.close()
        made[number].until("lost")
    }
    server.close()
    see("main at last")
}

/** What is seen when both sides over TLS write and the client closes; they take turns as they like. */
private suspend fun talkAndClose(
    client: WatchingProtocol,
    clientTransport: Transport,
    server: WatchingProtocol,
    serverTransport: Transport,
) {
    variable.set("who writes to the client")
    serverTransport.write(DATA)
    client.until("data")
    variable.set("who writes to the server")
    clientTransport.write(DATA)
    server.until("data")
    variable.set("who closes")
    clientTransport.close()
    client.until("lost")
    server.until("lost")
    seen.sort()
    see("main at last")
}

private val scenes: Map<String, suspend (EventLoop, File) -> Unit> =
    mapOf(
        "tcp_server" to { loop, _ -> accept { loop.createServer(LOOPBACK, 0, protocolFactory = it) } },
        "tcp_server_of_buffers" to { loop, _ -> accept(::WatchingBuffer) { loop.createServer(LOOPBACK, 0, protocolFactory = it) } },
        "unix_server" to { loop, folder -> accept { loop.createUnixServer(folder.toPath().resolve("socket"), protocolFactory = it) } },
        "tls_server" to { loop, _ ->
            val client = ConnectionOptions(ssl = clientContext(), serverHostname = "localhost")
            val call: suspend (Server) -> Caller = {
                val writer = openConnection(LOOPBACK, it.port, options = client).writer
                Caller(writer::write, writer::close)
            }
            accept(call = call) { loop.createServer(LOOPBACK, 0, ServerOptions(ssl = serverContext()), it) }
        },
        "client" to { loop, _ ->
            SocketPair(sendBuffer = 8192).use { pair ->
                variable.set("main")
                val (transport, protocol) = loop.createConnection(pair.near, protocolFactory = watched("client", new = ::WatchingProtocol))
                variable.set("main, later")
                loop.sockSendall(pair.far, DATA)
                protocol.until("data")
                transport.pauseReading()
                variable.set("who resumes reading")
                transport.resumeReading()
                loop.sockSendall(pair.far, DATA)
                protocol.until("data", 2)
                variable.set("who writes")
                transport.write(ByteArray(20_000_000))
                variable.set("main, after writing")
                var received = 0
                while (received < 20_000_000) received += loop.sockRecv(pair.far, 1_000_000).size
                protocol.until("resume")
                variable.set("who leaves")
                pair.far.close()
                protocol.until("lost")
                see("main at last")
            }
        },
        "close_client" to { loop, _ ->
            SocketPair().use { pair ->
                variable.set("main")
                val (transport, protocol) = loop.createConnection(pair.near, protocolFactory = watched("client", new = ::WatchingProtocol))
                variable.set("who closes")
                transport.close()
                variable.set("main, later")
                protocol.until("lost")
                see("main at last")
            }
        },
        "half_close" to { loop, _ ->
            class Staying(
                name: String,
            ) : WatchingProtocol(name) {
                override fun eofReceived(): Boolean = !super.eofReceived()
            }
            SocketPair().use { pair ->
                variable.set("main")
                val (transport, protocol) = loop.createConnection(pair.near, protocolFactory = watched("client", new = ::Staying))
                variable.set("main, later")
                pair.far.shutdownOutput()
                protocol.until("eof")
                variable.set("who aborts")
                transport.abort()
                protocol.until("lost")
                see("main at last")
            }
        },
        "tls_pair" to { loop, _ ->
            variable.set("main")
            val made = ArrayList<WatchingProtocol>()
            val options = ServerOptions(ssl = serverContext())
            val server = loop.createServer(LOOPBACK, 0, options, watched("server", made, ::WatchingProtocol))
            variable.set("who connects")
            val client = ConnectionOptions(ssl = clientContext(), serverHostname = "localhost")
            val (transport, protocol) =
                loop.createConnection(LOOPBACK, server.port, client, watched("client", new = ::WatchingProtocol))
            until { made.isNotEmpty() }
            made.single().until("made")
            talkAndClose(protocol, transport, made.single(), made.single().transport)
            server.close()
        },
        "start_tls" to { loop, _ ->
            SocketPair().use { pair ->
                variable.set("main")
                val (transport, protocol) = loop.createConnection(pair.near, protocolFactory = watched("client", new = ::WatchingProtocol))
                val (theirs, theirProtocol) = loop.createConnection(pair.far, protocolFactory = watched("server", new = ::WatchingProtocol))
                val serving =
                    createTask {
                        variable.set("who starts the server's side")
                        loop.startTls(theirs, theirProtocol, serverContext(), serverSide = true)
                    }
                variable.set("who starts TLS")
                val secured = loop.startTls(transport, protocol, clientContext(), serverHostname = "localhost")
                talkAndClose(protocol, secured, theirProtocol, serving.await())
            }
        },
        "clients_of_streams" to { _, _ ->
            variable.set("main")
            val done = Queue<Unit>()
            val server =
                startServer(LOOPBACK, 0) { reader, writer ->
                    see("client's task")
                    reader.read(4)
                    see("client's task, having read")
                    writer.close()
                    done.putNowait(Unit)
                }
            variable.set("main, later")
            repeat(2) {
                val caller = callPlainly(server)
                caller.write(DATA)
                done.get()
                caller.close()
            }
            server.close()
            see("main at last")
        },
        "read_pipe" to { loop, _ ->
            val pipe = Pipe.open()
            variable.set("main")
            val (transport, protocol) = loop.connectReadPipe(pipe.source(), watched("reader", new = ::WatchingProtocol))
            variable.set("main, later")
            for (count in 1..2) {
                pipe.sink().write(ByteBuffer.wrap(DATA))
                protocol.until("data", count)
            }
            transport.pauseReading()
            variable.set("who resumes reading")
            transport.resumeReading()
            pipe.sink().write(ByteBuffer.wrap(DATA))
            protocol.until("data", 3)
            variable.set("who leaves")
            pipe.sink().close()
            protocol.until("lost")
            see("main at last")
        },
        "write_pipe" to { loop, _ ->
            val pipe = Pipe.open()
            pipe.source().configureBlocking(false)
            variable.set("main")
            val (transport, protocol) = loop.connectWritePipe(pipe.sink(), watched("writer", new = ::WatchingProtocol))
            variable.set("who writes")
            transport.write(ByteArray(1_000_000))
            variable.set("main, later")
            while (!protocol.hasSaid("resume")) {
                pipe.source().read(ByteBuffer.allocate(50_000))
                sleep(Duration.ZERO)
            }
            variable.set("who aborts")
            transport.abort()
            protocol.until("lost")
            pipe.source().close()
            see("main at last")
        },
        "datagrams" to { loop, _ ->
            variable.set("main")
            val (transport, protocol) =
                loop.createDatagramEndpoint(
                    InetSocketAddress(LOOPBACK_ADDRESS, 0),
                    protocolFactory = watched("endpoint", new = ::WatchingDatagrams),
                )
            variable.set("main, later")
            DatagramChannel.open().use { peer ->
                for (count in 1..2) {
                    peer.send(ByteBuffer.wrap(DATA), transport.getExtraInfo("sockname") as SocketAddress)
                    protocol.until("datagram", count)
                }
            }
            variable.set("who closes")
            transport.close()
            variable.set("main, after closing")
            protocol.until("lost")
            see("main at last")
        },
        "subprocess" to { loop, _ ->
            variable.set("main")
            val (transport, protocol) =
                loop.subprocessExec("cat", stderr = null, protocolFactory = watched("child", new = ::WatchingChild))
            variable.set("main, later")
            for (count in 1..2) {
                transport.getPipeTransport(0)!!.write("data\n".toByteArray())
                protocol.until("data of 1", count)
            }
            variable.set("who closes")
            transport.getPipeTransport(0)!!.close()
            protocol.until("loss of 0")
            protocol.until("loss of 1")
            protocol.until("lost")
            seen.removeIf { "child 1 lost" in it }
            seen.sort()
            see("main at last")
        },
        "readers_and_writers" to { loop, _ ->
            SocketPair().use { pair ->
                pair.near.configureBlocking(false)
                val counts = HashMap<String, Int>()
                val done = Event()

                fun ready(
                    what: String,
                    stop: (SocketChannel) -> Unit,
                ) {
                    val count = counts.merge(what, 1, Int::plus)
                    see("$what $count")
                    if (count == 2) {
                        stop(pair.near)
                        done.set()
                    }
                }
                variable.set("main")
                loop.addReader(pair.near) { ready("reader", loop::removeReader) }
                variable.set("main, later")
                pair.far.write(ByteBuffer.wrap(DATA))
                done.wait()
                done.clear()
                variable.set("who adds a writer")
                loop.addWriter(pair.near) { ready("writer", loop::removeWriter) }
                done.wait()
                see("main at last")
            }
        },
        "signals" to { loop, _ ->
            val done = Event()
            variable.set("main")
            loop.addSignalHandler("USR2") {
                see("handler")
                done.set()
            }
            variable.set("main, later")
            repeat(2) {
                done.clear()
                Signal.raise(Signal("USR2"))
                done.wait()
            }
            loop.removeSignalHandler("USR2")
            see("main at last")
        },
        "callbacks" to { loop, _ ->
            variable.set("main")
            val future = loop.createFuture<Unit>()
            future.addDoneCallback { see("done callback") }
            loop.callSoon { see("soon") }
            loop.callLater(1.milliseconds) { see("later") }
            loop.callAt(loop.time() + 2.milliseconds) { see("at") }
            loop.callSoonThreadsafe { see("threadsafe, from the loop") }
            val given = copyContext()
            given.run { variable.set("given") }
            loop.callSoon(given) { see("soon, with a context") }
            loop.callSoon(given) { see("soon again, with the same") }
            variable.set("main, later")
            future.setResult(Unit)
            sleep(10.milliseconds)
            future.addDoneCallback { see("done callback, when all is done") }
            variable.set("main, after that")
            sleep(Duration.ZERO)
            val thread =
                thread {
                    variable.set("of the thread")
                    loop.callSoonThreadsafe { see("threadsafe, from a thread") }
                }
            until { seen.any { "from a thread" in it } }
            thread.join()
            see("main at last")
        },
        "threads" to { loop, _ ->
            variable.set("main")

            fun work(what: String) {
                seen += "$what sees ${variable.get()}"
                variable.set(what)
            }
            toThread { work("to_thread") }
            toThread { work("to_thread again") }
            loop.runInExecutor { work("executor") }.await()
            loop
                .runInExecutor {
                    variable.set("of the thread")
                    runCoroutineThreadsafe(loop) { see("coroutine from a thread") }.get()
                }.await()
            see("main at last")
        },
        "tasks" to { _, _ ->
            variable.set("main")

            suspend fun work(what: String) {
                see(what)
                sleep(Duration.ZERO)
                see("$what, later")
            }
            val first = createTask { work("first task") }
            variable.set("main, later")
            val second = createTask { work("second task") }
            second.addDoneCallback { see("done callback of a task") }
            work("coroutine")
            gather(first, second).await()
            waitFor(null) { work("waited for") }
            see("main at last")
        },
        "generators" to { loop, _ ->
            variable.set("main")

            fun numbers(what: String) =
                asyncGeneratorReceiving<Int, Unit> {
                    try {
                        for (number in 0 until 3) {
                            see("$what $number")
                            yield(number)
                        }
                    } finally {
                        see("$what at its end")
                    }
                }
            val whole = numbers("generator")
            whole.anext()
            variable.set("main, later")
            whole.anext()
            createTask { whole.anext() }.await()
            see("main, behind a task's step")
            whole.aclose()
            numbers("left generator").anext()
            variable.set("who shuts down")
            loop.shutdownAsyncgens()
            see("main at last")
        },
    )

/** Which context variables are called back with, as `context_peer.py` sees it in CPython; of each scene there is one of ours and of it. */
class ContextPeersTest :
    FunSpec({
        extension(Needing.python())

        val folder = tempdir()
        val pythons: Map<String, List<String>> by lazy {
            val script = File(folder, "context_peer.py")
            script.outputStream().use { out -> Needing::class.java.getResourceAsStream("/peers/context_peer.py")!!.copyTo(out) }
            val certificates = listOf("server.pem", "server.key", "ca.pem").map { certificate(it).parent }.distinct().single()
            val process = ProcessBuilder("python3", script.path, "$certificates").redirectErrorStream(true).start()
            val output = process.inputReader().readText()
            check(process.waitFor(1, TimeUnit.MINUTES)) { "the scenes do not end:\n$output" }
            val lines = output.lines().filter { it.startsWith("scene ") }
            check(lines.size == scenes.size) { "the scenes were not all played:\n$output" }
            lines.associate { it.split(" ")[1] to it.substringAfter(" ").substringAfter(" ").split(" | ") }
        }

        test("a child's end is told with the variables of who started it, as CPython does from 3.12 on") {
            class Ending(
                name: String,
            ) : WatchingProtocol(name),
                SubprocessProtocol {
                override fun connectionMade(transport: SubprocessTransport) = say("made")

                override fun processExited() = say("end")
            }
            seen.clear()
            onSockets {
                variable.set("main")
                val factory = watched("child", new = ::Ending)
                val (_, protocol) = subprocessExec("cat", stdin = DEVNULL, stdout = null, stderr = null, protocolFactory = factory)
                variable.set("main, later")
                protocol.until("lost")
            }
            seen shouldContainExactly
                listOf(
                    "factory of child 1 sees main in a task",
                    "child 1 made sees factory of child 1 in no task",
                    "child 1 end sees factory of child 1 in no task",
                    "child 1 lost sees factory of child 1 in no task",
                )
        }

        for ((name, scene) in scenes) {
            test("$name is as in CPython") {
                seen.clear()
                onSockets {
                    exceptionHandler = ExceptionHandler { _, context -> seen += "$context" }
                    scene(this, folder)
                }
                withClue(pythons[name]) { seen shouldContainExactly pythons.getValue(name) }
            }
        }
    })
