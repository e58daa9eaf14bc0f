// SPDX-License-Identifier: Apache-2.0
package dev.simul.streams

import dev.simul.bodies.carrier
import dev.simul.bodies.carriersHere
import dev.simul.createFuture
import dev.simul.createTask
import dev.simul.house.Soak
import dev.simul.interop.awaitInBody
import dev.simul.interop.bodyOf
import dev.simul.loop.EventLoop
import dev.simul.loop.getRunningLoop
import dev.simul.runCoroutineThreadsafe
import dev.simul.tls.boundPort
import dev.simul.wait
import dev.simul.wrapFuture
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import java.net.Socket
import java.util.Random
import java.util.concurrent.BrokenBarrierException
import java.util.concurrent.CompletableFuture
import java.util.concurrent.CyclicBarrier
import java.util.concurrent.Semaphore
import java.util.concurrent.TimeUnit
import java.util.concurrent.atomic.AtomicInteger
import kotlin.concurrent.thread
import kotlin.time.Duration.Companion.seconds
import dev.simul.run as runLoop

/**
 * Threads wake a loop all at once, just when it goes to wait, and go on when each has its answer. Nothing else happens meanwhile: a
 * wake-up that is lost has no answer at all.
 */
class WakeUpsTest :
    FunSpec({
        val rounds = Soak.of(100_000)

        test("a loop that reads sockets answers all who wake it") {
            runLoop { WakeUps(rounds, getRunningLoop()).onSocket() }
        }

        test("so does one that has none") {
            runLoop { WakeUps(rounds, getRunningLoop()).withoutSocket() }
        }

        for (carrier in carriersHere) {
            test("so does one that waits on the stack of a body, on ${carrier.name}") {
                runLoop {
                    val loop = getRunningLoop()
                    loop.carrier = carrier
                    val end = loop.createFuture<Unit>()
                    val body = loop.createTask(bodyOf { awaitInBody(end) })
                    WakeUps(rounds / 4, loop).onSocket()
                    end.setResult(Unit)
                    body.await()
                }
            }
        }
    })

private class WakeUps(
    private val rounds: Int,
    private val loop: EventLoop,
) {
    private val wakers = ArrayList<Waker>()
    private val answered = AtomicInteger()

    @Volatile
    private var lost: String? = null

    private inner class Waker(
        val name: String,
        val wake: (answer: () -> Unit) -> Unit,
    ) {
        private val answers = Semaphore(0)
        private val random = Random(name.hashCode().toLong())

        fun run(together: CyclicBarrier) {
            try {
                repeat(rounds) {
                    together.await()
                    spin(random.nextInt(LONGEST_SPIN_NANOS))
                    wake(answers::release)
                    if (!answers.tryAcquire(10, TimeUnit.SECONDS)) {
                        lost = "$name, in round $it"
                        together.reset()
                        return
                    }
                    answered.incrementAndGet()
                }
            } catch (_: BrokenBarrierException) {
                // Another one has had no answer.
            }
        }

        private fun spin(nanos: Int) {
            val end = System.nanoTime() + nanos
            while (System.nanoTime() < end) Thread.onSpinWait()
        }
    }

    /** One of them writes into a socket that the loop reads. */
    suspend fun onSocket() {
        val answers = Semaphore(0)
        val server =
            startServer("127.0.0.1", 0) { reader, writer ->
                while (reader.read(1).isNotEmpty()) answers.release()
                writer.close()
            }
        Socket("127.0.0.1", server.boundPort).use { socket ->
            socket.tcpNoDelay = true
            wakers +=
                Waker("a socket") { answer ->
                    socket.getOutputStream().write(1)
                    check(answers.tryAcquire(10, TimeUnit.SECONDS)) { "a byte was not read" }
                    answer()
                }
            wakeBy()
        }
        server.aclose()
    }

    suspend fun withoutSocket() {
        wakers += Waker("runCoroutineThreadsafe") { answer -> runCoroutineThreadsafe(loop) { answer() } }
        wakeBy()
    }

    private suspend fun wakeBy() {
        var stage = CompletableFuture<() -> Unit>()
        val following =
            loop.createTask {
                repeat(rounds) {
                    val answer = wrapFuture(stage).await()
                    stage = CompletableFuture()
                    answer()
                }
            }
        wakers += Waker("callSoonThreadsafe") { answer -> loop.callSoonThreadsafe(callback = answer) }
        wakers += Waker("a CompletableFuture") { answer -> stage.complete(answer) }
        val together = CyclicBarrier(wakers.size)
        val allEnded = CompletableFuture<Unit>()
        thread(isDaemon = true) {
            wakers.map { waker -> thread(isDaemon = true) { waker.run(together) } }.forEach { it.join() }
            allEnded.complete(Unit)
        }
        // That may be lost as well: nothing but the time wakes the loop then.
        wait(listOf(wrapFuture(allEnded)), timeout = Soak.of(600).seconds)
        lost shouldBe null
        answered.get() shouldBe rounds * wakers.size
        following.await()
    }

    private companion object {
        /** Longer than the loop takes to wake, to answer one of them, and to go to wait again. */
        const val LONGEST_SPIN_NANOS = 150_000
    }
}
