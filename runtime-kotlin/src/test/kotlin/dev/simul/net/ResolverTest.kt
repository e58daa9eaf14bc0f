// SPDX-License-Identifier: Apache-2.0
package dev.simul.net

import dev.simul.aclosing
import dev.simul.createTask
import dev.simul.exceptions.CancelledException
import dev.simul.loop.RecordedLog
import dev.simul.loop.getRunningLoop
import dev.simul.loopTest
import dev.simul.runInExecutor
import dev.simul.setDefaultExecutor
import dev.simul.sleep
import dev.simul.streams.openConnection
import dev.simul.streams.startServer
import dev.simul.testing.runTest
import dev.simul.transports.DatagramProtocol
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContain
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.collections.shouldExist
import io.kotest.matchers.shouldBe
import java.net.InetAddress
import java.net.InetSocketAddress
import java.net.StandardProtocolFamily
import java.net.UnknownHostException
import java.util.concurrent.CountDownLatch
import java.util.concurrent.LinkedBlockingQueue
import java.util.concurrent.ThreadPoolExecutor
import java.util.concurrent.TimeUnit
import kotlin.time.Duration
import kotlin.time.Duration.Companion.hours
import kotlin.time.Duration.Companion.seconds

/** Knows nothing, and says so. */
private val NobodyKnows = Resolver { throw UnknownHostException(it) }

class ResolverTest :
    FunSpec({
        loopTest("an address is not looked up") {
            val loop = getRunningLoop()
            loop.resolver = NobodyKnows
            for (host in listOf("127.0.0.1", "255.255.255.255", "::1", "fe80::1", "::ffff:1.2.3.4")) {
                loop.getaddrinfo(host, 80) shouldBe listOf(InetSocketAddress(host, 80))
            }
            for (host in listOf("localhost", "example.123", "256.1.1.1", "1.2.3", "1.2.3.4.5", "1a.2.3.4")) {
                shouldThrow<UnknownHostException> { loop.getaddrinfo(host, 80) }.message shouldBe host
            }
        }

        loopTest("the system is asked in a thread of the executor") {
            val loop = getRunningLoop()
            val works = mutableListOf<String>()
            loop.setDefaultExecutor(
                object : ThreadPoolExecutor(1, 1, 0, TimeUnit.SECONDS, LinkedBlockingQueue()) {
                    override fun beforeExecute(
                        thread: Thread,
                        work: Runnable,
                    ) {
                        works += "work"
                    }
                },
            )
            loop.getaddrinfo("localhost", 80).map { it.port }.toSet() shouldBe setOf(80)
            works.shouldContainExactly("work")
            loop.getnameinfo(InetSocketAddress("127.0.0.1", 80))
            works.shouldContainExactly("work", "work")
        }

        loopTest("a loop's own resolver is asked on the loop, and may await") {
            val loop = getRunningLoop()
            val asked = mutableListOf<String>()
            loop.resolver =
                Resolver { host ->
                    asked += host
                    sleep(1.seconds)
                    loop.isInLoop shouldBe true
                    listOf(InetAddress.getByName("127.0.0.7"))
                }
            loop.getaddrinfo("some.test", 80) shouldBe listOf(InetSocketAddress("127.0.0.7", 80))
            loop.time() shouldBe 1.seconds
            asked.shouldContainExactly("some.test")
            loop.getnameinfo(InetSocketAddress("127.0.0.7", 80)) shouldBe "127.0.0.7"
        }

        test("a name that a loop's resolver has made up is connected to, bound to and sent to") {
            onLoop { loop ->
                loop.resolver = Resolver { if (it == "made-up.test") listOf(LOOPBACK_ADDRESS) else throw UnknownHostException(it) }
                val server =
                    startServer("made-up.test", 0) { reader, writer ->
                        writer.write(reader.readline())
                        writer.close()
                    }
                aclosing(server) {
                    val (reader, writer) = openConnection("made-up.test", server.port)
                    writer.write("hello\n".encodeToByteArray())
                    reader.readline().decodeToString() shouldBe "hello\n"
                    writer.aclose()
                }
                val remote = InetSocketAddress.createUnresolved("made-up.test", 7)
                loop.createDatagramEndpoint(remoteAddr = remote) { object : DatagramProtocol {} }.transport.use {
                    it.getExtraInfo("peername") shouldBe InetSocketAddress(LOOPBACK_ADDRESS, 7)
                }
                shouldThrow<UnknownHostException> { openConnection("other.test", 1) }.message shouldBe "other.test"
            }
        }

        loopTest("a resolver can pass names on to the one before it") {
            val loop = getRunningLoop()
            val before = loop.resolver
            loop.resolver = Resolver { before.getaddrinfo(if (it == "here.test") "localhost" else it) }
            loop.getaddrinfo("here.test", 1).any { it.address.isLoopbackAddress } shouldBe true
        }

        loopTest("this machine is known") {
            getRunningLoop().getaddrinfo("localhost", 80).map { it.address.isLoopbackAddress } shouldContain true
            getRunningLoop().getaddrinfo(null, 80).map { it.address.hostAddress } shouldContain "127.0.0.1"
        }

        loopTest("only addresses of the family asked for are given") {
            val loop = getRunningLoop()
            loop.resolving("both.test" to listOf("::1", "127.0.0.1"))
            loop.getaddrinfo("both.test", 1).map { it.address.hostAddress } shouldContainExactly listOf("0:0:0:0:0:0:0:1", "127.0.0.1")
            loop
                .getaddrinfo(
                    "both.test",
                    1,
                    StandardProtocolFamily.INET,
                ).map { it.address.hostAddress } shouldContainExactly listOf("127.0.0.1")
            shouldThrow<UnknownHostException> { loop.getaddrinfo("127.0.0.1", 1, StandardProtocolFamily.INET6) }
                .message shouldBe "'127.0.0.1' has no address of family INET6"
        }

        loopTest("an address has a name") {
            val loop = getRunningLoop()
            loop.resolving("named.test" to listOf("127.0.0.1"))
            loop.getnameinfo(InetSocketAddress("127.0.0.1", 80)) shouldBe "named.test"
            loop.getnameinfo(InetSocketAddress.createUnresolved("other.test", 80)) shouldBe "other.test"
        }

        loopTest("the name of an address is asked for even if it was made of a name") {
            val loop = getRunningLoop()
            val misnamed = InetAddress.getByAddress("misnamed.test", byteArrayOf(127, 0, 0, 1))
            (loop.getnameinfo(InetSocketAddress(misnamed, 80)) == "misnamed.test") shouldBe false
        }

        loopTest("a cancellation ends the wait, and not the look-up") {
            val loop = getRunningLoop()
            val answer = CountDownLatch(1)
            loop.resolver = Resolver { loop.runInExecutor { answer.await() }.await().let { listOf(LOOPBACK_ADDRESS) } }
            val looking = createTask { loop.getaddrinfo("slow.test", 80) }
            sleep(Duration.ZERO)
            looking.cancel()
            shouldThrow<CancelledException> { looking.await() }
            answer.countDown()
        }

        test("debug mode logs look-ups that are slow") {
            val log =
                RecordedLog.during {
                    runTest(debug = true) {
                        val loop = getRunningLoop()
                        loop.slowCallbackDuration = Duration.ZERO
                        loop.resolving("some.test" to listOf("127.0.0.1"))
                        loop.getaddrinfo("some.test", 80)
                        loop.getnameinfo(InetSocketAddress("127.0.0.1", 80))
                    }
                }
            log.shouldExist { it.toString().startsWith("INFO Getting the addresses of 'some.test' took ") }
            log.shouldExist { it.toString().startsWith("INFO Getting the name of 127.0.0.1 took ") }
        }

        test("how long a look-up took is read from the loop's clock") {
            val log =
                RecordedLog.during {
                    runTest(debug = true) {
                        val loop = getRunningLoop()
                        loop.resolver =
                            Resolver {
                                sleep(3.hours)
                                listOf(LOOPBACK_ADDRESS)
                            }
                        loop.getaddrinfo("far.test", 80)
                    }
                }
            log.shouldExist { it.toString().startsWith("INFO Getting the addresses of 'far.test' took 3h") }
        }
    })
