// SPDX-License-Identifier: Apache-2.0
package dev.simul.net

import dev.simul.createTask
import dev.simul.exceptions.CancelledException
import dev.simul.exceptions.ExceptionGroup
import dev.simul.exceptions.TimeoutException
import dev.simul.loop.getRunningLoop
import dev.simul.loopTest
import dev.simul.sleep
import dev.simul.testing.runTest
import dev.simul.wait
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import io.kotest.matchers.types.shouldBeSameInstanceAs
import java.io.IOException
import java.net.ConnectException
import java.net.InetAddress
import java.net.InetSocketAddress
import kotlin.random.Random
import kotlin.time.Duration
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.seconds

private fun address(host: String) = InetSocketAddress(InetAddress.getByName(host), 80)

private val FOUR_A = address("127.0.0.1")
private val FOUR_B = address("127.0.0.2")
private val FOUR_C = address("127.0.0.3")
private val SIX_A = address("::1")
private val SIX_B = address("::2")

/** Connections that are only names, with a log of when each attempt began, and of what was closed. */
private class FakeNetwork(
    private val answers: Map<InetSocketAddress, suspend () -> Unit>,
) {
    val begun = mutableListOf<Pair<InetSocketAddress, Duration>>()
    val open = mutableListOf<InetSocketAddress>()

    suspend fun connect(address: InetSocketAddress): InetSocketAddress {
        begun += address to getRunningLoop().time()
        open += address
        try {
            answers.getValue(address)()
            return address
        } catch (e: Throwable) {
            open -= address
            throw e
        }
    }

    suspend fun connectFirst(options: ConnectionOptions): InetSocketAddress =
        connectFirst(answers.keys.toList(), options, { open -= it }, ::connect)
}

private fun refusing(message: String): suspend () -> Unit = { throw ConnectException(message) }

private val SLOW: suspend () -> Unit = { sleep(10.seconds) }
private val AT_ONCE: suspend () -> Unit = {}

class ConnectFirstTest :
    FunSpec({
        val staggered = ConnectionOptions(happyEyeballsDelay = 250.milliseconds)

        context("the order of the addresses") {
            val mixed = listOf(FOUR_A, FOUR_B, FOUR_C, SIX_A, SIX_B)

            test("stays as it is without interleaving") {
                mixed.interleaved(0) shouldContainExactly mixed
            }

            test("alternates between the families, and the longer one's rest follows") {
                mixed.interleaved(1) shouldContainExactly listOf(FOUR_A, SIX_A, FOUR_B, SIX_B, FOUR_C)
            }

            test("begins with as many of the first family as was asked for") {
                mixed.interleaved(2) shouldContainExactly listOf(FOUR_A, FOUR_B, SIX_A, FOUR_C, SIX_B)
                mixed.interleaved(9) shouldContainExactly mixed
            }

            test("of none is none, and of one family is as it was") {
                emptyList<InetSocketAddress>().interleaved(1).shouldBeEmpty()
                listOf(SIX_B, SIX_A).interleaved(1) shouldContainExactly listOf(SIX_B, SIX_A)
            }
        }

        context("one after the other") {
            loopTest("an address is tried when the last one has refused") {
                val network = FakeNetwork(mapOf(FOUR_A to refusing("a"), FOUR_B to SLOW, FOUR_C to AT_ONCE))
                network.connectFirst(ConnectionOptions()) shouldBe FOUR_B
                network.begun shouldContainExactly listOf(FOUR_A to Duration.ZERO, FOUR_B to Duration.ZERO)
                network.open shouldContainExactly listOf(FOUR_B)
            }

            loopTest("what is no failure to connect is thrown at once") {
                val network = FakeNetwork(mapOf(FOUR_A to suspend { error("test") }, FOUR_B to AT_ONCE))
                shouldThrow<IllegalStateException> { network.connectFirst(ConnectionOptions()) }
                network.begun.map { it.first } shouldContainExactly listOf(FOUR_A)
            }
        }

        context("as a race") {
            loopTest("the next address is tried beside a slow one, and the slow one is given up") {
                val network = FakeNetwork(mapOf(FOUR_A to SLOW, FOUR_B to SLOW, SIX_A to suspend { sleep(100.milliseconds) }))
                network.connectFirst(staggered) shouldBe SIX_A
                getRunningLoop().time() shouldBe 350.milliseconds
                network.begun shouldContainExactly listOf(FOUR_A to Duration.ZERO, SIX_A to 250.milliseconds)
                network.open shouldContainExactly listOf(SIX_A)
            }

            loopTest("the families take turns unless the options say otherwise") {
                val network = FakeNetwork(mapOf(FOUR_A to SLOW, FOUR_B to AT_ONCE, SIX_A to AT_ONCE))
                network.connectFirst(ConnectionOptions(happyEyeballsDelay = 250.milliseconds, interleave = 0)) shouldBe FOUR_B
            }

            loopTest("a failure brings the next address forward") {
                val network = FakeNetwork(mapOf(FOUR_A to refusing("a"), FOUR_B to AT_ONCE))
                network.connectFirst(staggered) shouldBe FOUR_B
                getRunningLoop().time() shouldBe Duration.ZERO
            }

            loopTest("a cancellation gives all attempts up") {
                val network = FakeNetwork(mapOf(FOUR_A to SLOW, FOUR_B to SLOW))
                val connecting = createTask { network.connectFirst(staggered) }
                sleep(1.seconds)
                network.open shouldContainExactly listOf(FOUR_A, FOUR_B)
                connecting.cancel()
                shouldThrow<CancelledException> { connecting.await() }
                network.open.shouldBeEmpty()
            }

            loopTest("what is no failure to connect is thrown if nobody wins") {
                val network = FakeNetwork(mapOf(FOUR_A to refusing("a"), FOUR_B to suspend { error("test") }))
                shouldThrow<IllegalStateException> { network.connectFirst(staggered) }
            }

            test("exactly one connection stays, or none, whatever the schedule") {
                repeat(500) { seed ->
                    val random = Random(seed)
                    val answers =
                        listOf(FOUR_A, FOUR_B, FOUR_C, SIX_A, SIX_B).associateWith { address ->
                            val delays = List(random.nextInt(3)) { random.nextInt(4).milliseconds }
                            val refuses = random.nextInt(3) > 0
                            suspend {
                                delays.forEach { sleep(it) }
                                if (refuses) throw ConnectException("$address")
                            }
                        }
                    val network = FakeNetwork(answers)
                    runTest {
                        val options = ConnectionOptions(happyEyeballsDelay = random.nextInt(4).milliseconds, interleave = random.nextInt(3))
                        val connecting = createTask { network.connectFirst(options) }
                        if (random.nextBoolean()) {
                            sleep(random.nextInt(8).milliseconds)
                            connecting.cancel()
                        }
                        wait(listOf(connecting))
                        val winners =
                            if (!connecting.cancelled() && connecting.exception() == null) {
                                listOf(
                                    connecting.result(),
                                )
                            } else {
                                emptyList()
                            }
                        network.open shouldContainExactly winners
                    }
                }
            }
        }

        context("if all fail") {
            for ((name, options) in mapOf("one after the other" to ConnectionOptions(), "as a race" to staggered)) {
                loopTest("a single failure is thrown as it is, $name") {
                    val failure = ConnectException("test")
                    val network = FakeNetwork(mapOf(FOUR_A to suspend { throw failure }))
                    shouldThrow<ConnectException> { network.connectFirst(options) } shouldBeSameInstanceAs failure
                }

                loopTest("the first of failures with one text is thrown, $name") {
                    val first = ConnectException("test")
                    val network = FakeNetwork(mapOf(FOUR_A to suspend { throw first }, FOUR_B to refusing("test")))
                    shouldThrow<IOException> { network.connectFirst(options) } shouldBeSameInstanceAs first
                }

                loopTest("different texts become one, $name") {
                    val network = FakeNetwork(mapOf(FOUR_A to refusing("first"), FOUR_B to refusing("second")))
                    val thrown = shouldThrow<ConnectException> { network.connectFirst(options) }
                    thrown.message shouldBe "Multiple exceptions: first, second"
                    thrown.suppressed.map { it.message } shouldContainExactly listOf("first", "second")
                }

                loopTest("all are thrown as a group if the options say so, $name") {
                    val network = FakeNetwork(mapOf(FOUR_A to refusing("same"), FOUR_B to refusing("same")))
                    val asGroup = ConnectionOptions(happyEyeballsDelay = options.happyEyeballsDelay, allErrors = true)
                    val group = shouldThrow<ExceptionGroup> { network.connectFirst(asGroup) }
                    group.message shouldBe "createConnection failed"
                    group.exceptions.map { it.message } shouldContainExactly listOf("same", "same")
                }
            }

            loopTest("failures of several kinds become an IOException") {
                val network = FakeNetwork(mapOf(FOUR_A to refusing("first"), FOUR_B to suspend { throw IOException("second") }))
                val thrown = shouldThrow<IOException> { network.connectFirst(ConnectionOptions()) }
                thrown.javaClass shouldBe IOException::class.java
                thrown.message shouldBe "Multiple exceptions: first, second"
            }

            test("nowhere to connect to is a timeout") {
                runTest { shouldThrow<TimeoutException> { FakeNetwork(emptyMap()).connectFirst(ConnectionOptions()) } }
            }
        }
    })
