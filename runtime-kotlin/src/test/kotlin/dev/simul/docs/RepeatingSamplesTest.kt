// SPDX-License-Identifier: Apache-2.0
package dev.simul.docs

import dev.simul.createTask
import dev.simul.exceptions.CancelledException
import dev.simul.exceptions.TimeoutException
import dev.simul.loop.getRunningLoop
import dev.simul.loopTest
import dev.simul.setDefaultExecutor
import dev.simul.timeout
import dev.simul.toThread
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.ranges.shouldBeIn
import io.kotest.matchers.shouldBe
import java.net.InetAddress
import java.net.ServerSocket
import java.net.Socket
import java.util.concurrent.CountDownLatch
import java.util.concurrent.Executors
import java.util.concurrent.LinkedBlockingQueue
import kotlin.time.Duration
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.seconds
import dev.simul.run as runLoop

class RepeatingSamplesTest :
    FunSpec({
        beforeTest { fetched.clear() }

        loopTest("a refusal and a call that hangs are retried") {
            robustly("bad") shouldBe "the page of bad"
            fetched.size shouldBe 3
            getRunningLoop().time() shouldBeIn 2.seconds..2.3.seconds
        }

        loopTest("ten pages are fetched in each second") {
            crawl(List(25) { "$it" }).last() shouldBe "the page of 24"
            fetched.groupingBy { it }.eachCount() shouldBe mapOf(Duration.ZERO to 10, 1.seconds to 10, 2.seconds to 5)
        }

        test("a job that does not come leaves no thread that waits for one") {
            val pool = Executors.newSingleThreadExecutor()
            runLoop {
                getRunningLoop().setDefaultExecutor(pool)
                shouldThrow<TimeoutException> { timeout(10.milliseconds) { nextJob(LinkedBlockingQueue()) } }
                nextJob(LinkedBlockingQueue(listOf("job"))) shouldBe "job"
            }
        }

        test("a read that is cancelled closes its socket") {
            ServerSocket(0, 1, InetAddress.getLoopbackAddress()).use { listener ->
                val reading = CountDownLatch(1)
                val socket =
                    object : Socket(listener.inetAddress, listener.localPort) {
                        override fun getInputStream() = super.getInputStream().also { reading.countDown() }
                    }
                runLoop {
                    val task = createTask { readAll(socket) }
                    toThread { reading.await() }
                    task.cancel()
                    shouldThrow<CancelledException> { task.await() }
                    toThread { listener.accept().use { it.getInputStream().read() } } shouldBe -1
                }
            }
        }

        loopTest("a heartbeat goes out every ten seconds") {
            val sent = mutableListOf<Duration>()
            shouldThrow<TimeoutException> { timeout(25.seconds) { heartbeat { sent += getRunningLoop().time() } } }
            sent.shouldContainExactly(0.seconds, 10.seconds, 20.seconds)
        }
    })
