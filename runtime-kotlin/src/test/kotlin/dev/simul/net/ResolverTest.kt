// SPDX-License-Identifier: Apache-2.0
package dev.simul.net

import dev.simul.createTask
import dev.simul.exceptions.CancelledException
import dev.simul.loop.RecordedLog
import dev.simul.loop.getRunningLoop
import dev.simul.sleep
import dev.simul.testing.runTest
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContain
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.collections.shouldExist
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldStartWith
import java.net.InetAddress
import java.net.InetSocketAddress
import java.net.StandardProtocolFamily
import java.net.UnknownHostException
import java.util.concurrent.CountDownLatch
import kotlin.time.Duration

/** Knows nothing, and says so. */
private object NobodyKnows : NameService {
    override fun addresses(host: String): List<InetAddress> = throw UnknownHostException(host)

    override fun nameOf(address: InetAddress): String = error("$address was looked up")
}

class ResolverTest :
    FunSpec({
        test("an address is not looked up") {
            runTest {
                val loop = getRunningLoop()
                Resolver[loop].service = NobodyKnows
                for (host in listOf("127.0.0.1", "255.255.255.255", "::1", "fe80::1", "::ffff:1.2.3.4")) {
                    loop.getaddrinfo(host, 80) shouldBe listOf(InetSocketAddress(host, 80))
                }
                for (host in listOf("localhost", "example.123", "256.1.1.1", "1.2.3", "1.2.3.4.5", "1a.2.3.4")) {
                    shouldThrow<UnknownHostException> { loop.getaddrinfo(host, 80) }.message shouldBe host
                }
            }
        }

        test("a name is looked up in a thread of the executor") {
            runTest {
                val loop = getRunningLoop()
                var thread = ""
                Resolver[loop].service =
                    object : NameService {
                        override fun addresses(host: String): List<InetAddress> {
                            thread = Thread.currentThread().name
                            return super.addresses("127.0.0.7")
                        }
                    }
                loop.getaddrinfo("some.test", 80) shouldBe listOf(InetSocketAddress("127.0.0.7", 80))
                thread shouldStartWith "asyncio_"
            }
        }

        test("this machine is known") {
            runTest {
                getRunningLoop().getaddrinfo("localhost", 80).map { it.address.isLoopbackAddress } shouldContain true
                getRunningLoop().getaddrinfo(null, 80).map { it.address.hostAddress } shouldContain "127.0.0.1"
            }
        }

        test("only addresses of the family asked for are given") {
            runTest {
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
        }

        test("an address has a name") {
            runTest {
                val loop = getRunningLoop()
                loop.resolving("named.test" to listOf("127.0.0.1"))
                loop.getnameinfo(InetSocketAddress("127.0.0.1", 80)) shouldBe "named.test"
                loop.getnameinfo(InetSocketAddress.createUnresolved("other.test", 80)) shouldBe "other.test"
            }
        }

        test("the name of an address is asked for even if it was made of a name") {
            runTest {
                val loop = getRunningLoop()
                val misnamed = InetAddress.getByAddress("misnamed.test", byteArrayOf(127, 0, 0, 1))
                (loop.getnameinfo(InetSocketAddress(misnamed, 80)) == "misnamed.test") shouldBe false
            }
        }

        test("a cancellation ends the wait, and not the look-up") {
            runTest {
                val loop = getRunningLoop()
                val answer = CountDownLatch(1)
                Resolver[loop].service =
                    object : NameService {
                        override fun addresses(host: String): List<InetAddress> {
                            answer.await()
                            return super.addresses("127.0.0.1")
                        }
                    }
                val looking = createTask { loop.getaddrinfo("slow.test", 80) }
                sleep(Duration.ZERO)
                looking.cancel()
                shouldThrow<CancelledException> { looking.await() }
                answer.countDown()
            }
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
    })
