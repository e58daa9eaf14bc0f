// SPDX-License-Identifier: Apache-2.0
package dev.simul.net

import dev.simul.aclosing
import dev.simul.loop.EventLoop
import dev.simul.loop.NioPoller
import dev.simul.loop.addReader
import dev.simul.loop.addSignalHandler
import dev.simul.loop.getRunningLoop
import dev.simul.process.PIPE
import dev.simul.process.PathPipe
import dev.simul.process.createSubprocessExec
import dev.simul.runUntilComplete
import dev.simul.sleep
import dev.simul.streams.openConnection
import dev.simul.streams.openUnixConnection
import dev.simul.streams.startServer
import dev.simul.streams.startUnixServer
import dev.simul.testing.VirtualClock
import dev.simul.transports.DatagramProtocol
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.types.shouldBeInstanceOf
import io.kotest.matchers.types.shouldBeSameInstanceAs
import java.io.IOException
import java.net.BindException
import java.net.InetSocketAddress
import java.net.SocketException
import java.net.StandardProtocolFamily.INET
import java.net.StandardProtocolFamily.INET6
import java.net.StandardProtocolFamily.UNIX
import java.nio.channels.spi.AbstractSelectableChannel
import java.nio.channels.spi.SelectorProvider
import kotlin.time.Duration
import dev.simul.run as runLoop

class SelectorProviderTest :
    FunSpec({
        val folder = tempdir().toPath()

        fun onProvider(
            provider: RecordingProvider,
            body: suspend (EventLoop) -> Unit,
        ) = runLoop(loopFactory = { EventLoop(poller = NioPoller(selectorProvider = provider)) }) { body(getRunningLoop()) }

        /** What a loop opens by its provider while it runs [body]. */
        fun openedBy(body: suspend (EventLoop) -> Unit): List<String> {
            val provider = RecordingProvider()
            onProvider(provider, body)
            provider.isAllClosed shouldBe true
            return provider.opened
        }

        test("a loop opens channels by the JDK unless it is told otherwise") {
            EventLoop().use { it.selectorProvider shouldBeSameInstanceAs SelectorProvider.provider() }
            VirtualClock().newLoop().use { it.selectorProvider shouldBeSameInstanceAs SelectorProvider.provider() }
        }

        test("a loop that watches no channel opens nothing") {
            openedBy { loop ->
                loop.addSignalHandler("USR2") { }
                sleep(Duration.ZERO)
            } shouldBe emptyList()
        }

        test("streams and servers are opened by the loop's provider") {
            openedBy {
                aclosing(startServer("127.0.0.1", 0) { _, writer -> writer.close() }) { server ->
                    val (reader, writer) = openConnection("127.0.0.1", server.port)
                    reader.read().size shouldBe 0
                    writer.aclose()
                }
            } shouldContainExactly listOf("server INET", "selector", "socket INET")
        }

        test("those of IPv6 too").config(enabled = HAS_IPV6) {
            openedBy {
                aclosing(startServer("::1", 0) { _, writer -> writer.close() }) { server ->
                    openConnection("::1", server.port).writer.aclose()
                }
            } shouldContainExactly listOf("server INET6", "selector", "socket INET6")
        }

        test("those in the Unix domain too") {
            val path = folder.resolve("opened")
            openedBy {
                aclosing(startUnixServer(path) { _, writer -> writer.close() }) { openUnixConnection(path).writer.aclose() }
            } shouldContainExactly listOf("server UNIX", "selector", "socket UNIX")
        }

        test("datagrams are opened by the loop's provider") {
            openedBy { loop ->
                loop
                    .createDatagramEndpoint(
                        localAddr = InetSocketAddress("127.0.0.1", 0),
                    ) { object : DatagramProtocol {} }
                    .transport
                    .abort()
                sleep(Duration.ZERO)
            } shouldContainExactly listOf("datagrams INET", "selector")
        }

        test("pipes to processes are opened by the loop's provider").config(enabled = PathPipe.areAvailable) {
            openedBy {
                val child = createSubprocessExec("cat", stdin = PIPE, stdout = PIPE)
                child.communicate("hello".encodeToByteArray()).stdout!!.decodeToString() shouldBe "hello"
            } shouldContainExactly listOf("pipe", "pipe", "selector")
        }

        test("a virtual clock's loop opens channels by its provider") {
            val provider = RecordingProvider()
            runLoop(loopFactory = { VirtualClock(selectorProvider = provider).newLoop() }) {
                getRunningLoop().selectorProvider shouldBeSameInstanceAs provider
                aclosing(
                    startServer("127.0.0.1", 0) { _, writer -> writer.close() },
                ) { openConnection("127.0.0.1", it.port).writer.aclose() }
            }
            provider.opened shouldContainExactly listOf("server INET", "selector", "socket INET")
        }

        context("a family that the provider does not have") {
            val message = "<RecordingProvider> has no sockets of family"

            test("is named, in the Unix domain") {
                onProvider(RecordingProvider(lacks = setOf(UNIX))) { loop ->
                    val path = folder.resolve("lacking")
                    val attempts: List<suspend () -> Unit> =
                        listOf(
                            { loop.createUnixConnection(path) { error("no protocol") } },
                            { loop.createUnixServer(path) { error("no protocol") } },
                        )
                    for (attempt in attempts) {
                        val failure = shouldThrow<SocketException> { attempt() }
                        failure.message shouldBe "$message UNIX: make the loop with a SelectorProvider that has"
                        failure.cause.shouldBeInstanceOf<UnsupportedOperationException>()
                    }
                }
            }

            test("is named, for connections, datagrams and servers") {
                onProvider(RecordingProvider(lacks = setOf(INET, INET6))) { loop ->
                    val local = InetSocketAddress("127.0.0.1", 0)
                    shouldThrow<SocketException> { openConnection("127.0.0.1", 9) }.message shouldContain "$message INET:"
                    shouldThrow<IOException> { loop.createDatagramEndpoint(localAddr = local) { error("no protocol") } }
                        .message shouldContain "$message INET:"
                    val failure = shouldThrow<BindException> { startServer("127.0.0.1", 0) { _, _ -> } }
                    failure.message shouldBe
                        "could not bind on any address out of [/127.0.0.1:0]: $message INET: make the loop with a SelectorProvider that has"
                }
            }

            test("is left out where there is another one") {
                onProvider(RecordingProvider(lacks = setOf(INET6))) { loop ->
                    loop.resolving("both.test" to listOf("::1", "127.0.0.1"))
                    aclosing(startServer("both.test", 0) { _, writer -> writer.close() }) { server ->
                        server.addresses.size shouldBe 1
                        openConnection("both.test", server.port).writer.aclose()
                    }
                }
            }
        }

        test("a channel of another provider is refused, with both named") {
            val loop = EventLoop()
            val foreign = ForeignChannel(RecordingProvider())
            loop.runUntilComplete {
                shouldThrow<IllegalArgumentException> { loop.addReader(foreign) { } }.message shouldBe
                    "$foreign was opened by <RecordingProvider>, and this loop selects channels of ${loop.selectorProvider}: " +
                    "open it by the loop's selectorProvider"
            }
            loop.close()
        }
    })

/** Of no use to the JDK's selectors. */
private class ForeignChannel(
    provider: SelectorProvider,
) : AbstractSelectableChannel(provider) {
    override fun validOps() = 1

    override fun implCloseSelectableChannel() = Unit

    override fun implConfigureBlocking(block: Boolean) = Unit
}
