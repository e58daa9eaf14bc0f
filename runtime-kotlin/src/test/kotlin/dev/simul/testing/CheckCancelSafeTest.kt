// SPDX-License-Identifier: Apache-2.0
package dev.simul.testing

import dev.simul.Future
import dev.simul.createTask
import dev.simul.exceptions.CancelledException
import dev.simul.generators.asyncGenerator
import dev.simul.loop.addReader
import dev.simul.loop.getRunningLoop
import dev.simul.loop.register
import dev.simul.loop.removeReader
import dev.simul.net.port
import dev.simul.net.withListener
import dev.simul.process.createSubprocessExec
import dev.simul.sleep
import dev.simul.streams.openConnection
import dev.simul.sync.Lock
import dev.simul.sync.Semaphore
import dev.simul.toThread
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.comparables.shouldBeLessThan
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldStartWith
import kotlinx.coroutines.delay
import kotlinx.coroutines.suspendCancellableCoroutine
import java.io.IOException
import java.nio.channels.Pipe
import java.nio.channels.SelectionKey
import java.nio.channels.SocketChannel
import java.util.concurrent.CountDownLatch
import kotlin.concurrent.thread
import kotlin.coroutines.resume
import kotlin.io.path.Path
import kotlin.time.Duration
import kotlin.time.Duration.Companion.hours
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.seconds
import kotlin.time.TimeSource

/** The line below the caller's. It is not private, since an accessor would be the caller then. */
internal fun nextLine(): Int = StackWalker.getInstance().walk { frames -> frames.skip(1).findFirst().get().lineNumber } + 1

private val AT_ONCE = CancelOptions(settle = 10.milliseconds)

private val ON_SOCKETS = CancelOptions(virtualTime = false, settle = 100.milliseconds)

private fun failureOf(
    options: CancelOptions = CancelOptions(),
    check: suspend () -> Unit = {},
    program: suspend () -> Unit,
): AssertionError = shouldThrow<AssertionError> { checkCancelSafe(options, check, program) }

/** The findings at each place where the program was cancelled. */
private fun AssertionError.byPlace(): Map<String, String> =
    message!!.lines().drop(1).fold(LinkedHashMap<String, String>()) { places, line ->
        if (line.startsWith(" ")) {
            places.apply { put(keys.last(), values.last() + line.trim() + "\n") }
        } else {
            places.apply { put(line.removeSuffix(":"), "") }
        }
    }

class CheckCancelSafeTest :
    FunSpec({
        context("a program that cleans up") {
            test("passes, cancelled once in each of its turns") {
                val events = ArrayList<String>()
                checkCancelSafe {
                    events += "begins"
                    try {
                        sleep(Duration.ZERO)
                        sleep(1.seconds)
                        events += "completes"
                    } catch (e: CancelledException) {
                        events += "is cancelled"
                        throw e
                    }
                }
                // Not cancelled; before its first step, of which it knows nothing; in the two sleeps, and awake again; not cancelled.
                events.chunked(2).map { it.last() } shouldContainExactly
                    listOf("completes") + List(3) { "is cancelled" } + "completes"
            }

            test("may refuse to be cancelled") {
                checkCancelSafe {
                    try {
                        sleep(1.seconds)
                    } catch (_: CancelledException) {
                        sleep(1.seconds)
                    }
                }
            }

            test("has its state made anew for each run") {
                var made = 0
                checkCancelSafe(setUp = { ++made }) { sleep(Duration.ZERO) }
                made shouldBe 4
            }
        }

        context("what is left behind is reported, with the line and the turn") {
            var line = 0

            fun AssertionError.shouldReport(
                turns: Int,
                finding: String,
            ): AssertionError {
                val (place, findings) = byPlace().entries.first { "after $turns turn(s)" in it.key }
                place shouldStartWith "cancelled after $turns turn(s), at dev.simul.testing.CheckCancelSafeTest"
                place shouldContain "(CheckCancelSafeTest.kt:$line)"
                findings shouldContain finding
                return this
            }

            test("a task") {
                failureOf {
                    val child = createTask(name = "forgotten") { sleep(1.seconds) }
                    line = nextLine()
                    sleep(2.seconds)
                    child.await()
                }.shouldReport(1, "a task is not done: <Task forgotten pending")
                    .shouldReport(2, "a task is not done: <Task forgotten pending")
                    .byPlace()
                    .size shouldBe 2
            }

            test("a timer") {
                failureOf {
                    val timer = getRunningLoop().callLater(1.hours) {}
                    line = nextLine()
                    sleep(1.seconds)
                    timer.cancel()
                }.shouldReport(1, "a timer is pending: due in 1h")
            }

            test("a transport") {
                withListener { listener ->
                    failureOf(ON_SOCKETS) {
                        val (_, writer) = openConnection("127.0.0.1", listener.port)
                        line = nextLine()
                        sleep(1.milliseconds)
                        writer.close()
                        writer.waitClosed()
                    }.byPlace().entries.last { "$line)" in it.key }.value shouldContain "it is open: <ChannelTransport"
                }
            }

            test("a descriptor") {
                failureOf(AT_ONCE) {
                    val channel = SocketChannel.open()
                    line = nextLine()
                    sleep(1.seconds)
                    channel.close()
                }.shouldReport(1, "a descriptor is open")
            }

            test("the registration of a channel") {
                val pipe = Pipe.open()
                failureOf(AT_ONCE) {
                    val registration = getRunningLoop().register(pipe.source(), SelectionKey.OP_READ) {}
                    line = nextLine()
                    sleep(1.milliseconds)
                    registration.close()
                }.shouldReport(1, "a channel is still watched")
                pipe.source().close()
                pipe.sink().close()
            }

            test("the reader of a channel") {
                val pipe = Pipe.open()
                failureOf(AT_ONCE) {
                    getRunningLoop().addReader(pipe.source()) {}
                    line = nextLine()
                    sleep(1.milliseconds)
                    getRunningLoop().removeReader(pipe.source())
                }.shouldReport(1, "a channel is still watched")
                pipe.source().close()
                pipe.sink().close()
            }

            test("a thread") {
                val latches = ArrayList<CountDownLatch>()
                failureOf(AT_ONCE) {
                    val latch = CountDownLatch(1).also(latches::add)
                    val thread = thread(name = "forgotten", isDaemon = true) { latch.await() }
                    line = nextLine()
                    sleep(1.seconds)
                    latch.countDown()
                    thread.join()
                }.shouldReport(1, "a thread is running: forgotten")
                latches.forEach { it.countDown() }
            }

            test("a lock, a semaphore") {
                shouldThrow<AssertionError> {
                    checkCancelSafe(setUp = { Lock() to listOf(Semaphore(2)) }) { (lock, semaphores) ->
                        lock.acquire()
                        semaphores.single().acquire()
                        line = nextLine()
                        sleep(1.seconds)
                        lock.release()
                        semaphores.single().release()
                    }
                }.shouldReport(1, "it is held: <Lock [locked]>")
                    .shouldReport(1, "it is held: <Semaphore [unlocked, value:1]>")
            }

            test("and a path, which has itself as its only element, is nothing that could be held") {
                checkCancelSafe(setUp = { Path("one") }) { sleep(Duration.ZERO) }
            }

            test("an asynchronous generator") {
                failureOf {
                    val numbers =
                        asyncGenerator<Int> {
                            yield(1)
                            yield(2)
                        }
                    numbers.anext()
                    line = nextLine()
                    sleep(1.seconds)
                    numbers.aclose()
                }.shouldReport(1, "an asynchronous generator is not closed: ")
            }

            test("a child process") {
                failureOf(CancelOptions(virtualTime = false, settle = 10.milliseconds)) {
                    val child = createSubprocessExec("sleep", "3600")
                    line = nextLine()
                    sleep(1.milliseconds)
                    child.kill()
                    child.wait()
                }.byPlace().entries.first { "$line)" in it.key }.value shouldContain "a child process is running: pid"
            }

            test("an exception that nobody retrieved") {
                val failure =
                    failureOf {
                        try {
                            line = nextLine()
                            sleep(1.seconds)
                        } catch (e: CancelledException) {
                            createTask<Unit> { throw IOException("boom") }
                            throw e
                        }
                    }
                failure.shouldReport(1, "Task exception was never retrieved")
                failure.cause!!.message shouldBe "boom"
            }

            test("another failure than the cancellation") {
                failureOf {
                    try {
                        line = nextLine()
                        sleep(1.seconds)
                    } catch (e: CancelledException) {
                        throw IOException("interrupted", e)
                    }
                }.shouldReport(1, "it fails with java.io.IOException: interrupted")
            }

            test("what the check finds") {
                var balance = 0
                failureOf(check = { balance shouldBe 0 }) {
                    balance = 1
                    line = nextLine()
                    sleep(1.seconds)
                    balance = 0
                }.shouldReport(1, "the check has failed: ")
            }

            test("what is lost between the last turn and the result") {
                failureOf(AT_ONCE) {
                    val opening = createTask { SocketChannel.open() }
                    line = nextLine()
                    opening.await().close()
                }.shouldReport(2, "a descriptor is open") // The task has opened it, and nobody has it yet.
                    .byPlace()
                    .size shouldBe 1
            }

            test("what the caller hands over to a program that never starts") {
                val failure =
                    shouldThrow<AssertionError> {
                        checkCancelSafe(setUp = { SocketChannel.open() }, options = AT_ONCE) { channel -> channel.use { sleep(1.seconds) } }
                    }
                failure.byPlace().entries.single().let { (place, findings) ->
                    place shouldBe "cancelled before its first step"
                    findings shouldContain "a descriptor is open"
                }
            }

            test("the innermost line of the user's own code") {
                suspend fun inner() {
                    line = nextLine()
                    sleep(1.seconds)
                    line.toString()
                }
                failureOf {
                    createTask { sleep(2.seconds) }
                    inner()
                    sleep(2.seconds)
                }.shouldReport(2, "a task is not done")
            }

            test("code of others that does not tell its line") {
                failureOf {
                    val loop = getRunningLoop()
                    val timer = loop.callLater(1.hours) {}
                    suspendCancellableCoroutine { others -> loop.callLater(1.seconds) { others.resume(Unit) } }
                    timer.cancel()
                }.message shouldContain "cancelled after 1 turn(s), in code that does not tell its line"
            }

            test("kotlinx's delay") {
                failureOf {
                    val timer = getRunningLoop().callLater(1.hours) {}
                    line = nextLine()
                    delay(1.seconds)
                    timer.cancel()
                }.shouldReport(1, "a timer is pending")
            }
        }

        context("a program that does not end when it is cancelled is reported") {
            test("on virtual time, when nothing more can happen") {
                failureOf {
                    try {
                        sleep(1.seconds)
                    } catch (_: CancelledException) {
                        Future<Unit>().await()
                    }
                }.message shouldContain "it does not end: deadlock at"
            }

            test("when it goes on for ever") {
                failureOf(CancelOptions(turnLimit = 100)) {
                    try {
                        sleep(1.seconds)
                    } catch (_: CancelledException) {
                        while (true) {
                            runCatching { sleep(Duration.ZERO) }
                        }
                    }
                }.message shouldContain "it does not end: it has not ended after 100 turns"
            }

            test("on the machine's clock, when the time is over") {
                val began = TimeSource.Monotonic.markNow()
                failureOf(CancelOptions(virtualTime = false, timeLimit = 50.milliseconds, settle = 100.milliseconds)) {
                    try {
                        sleep(1.milliseconds)
                    } catch (_: CancelledException) {
                        Future<Unit>().await()
                    }
                }.message shouldContain "it does not end: it has not ended after 50ms"
                began.elapsedNow() shouldBeLessThan 60.seconds
            }
        }

        context("a program that is wrong anyway") {
            test("is reported without cancelling it") {
                failureOf { createTask { sleep(1.hours) } }.message shouldStartWith
                    "the program is not in order even if it is not cancelled:\n    a task is not done"
            }

            test("fails with what it throws") {
                failureOf { throw IOException("boom") }.cause!!.message shouldBe "boom"
            }

            test("what setUp throws is thrown as it is") {
                shouldThrow<IOException> { checkCancelSafe(setUp = { throw IOException("boom") }) { } }
            }
        }

        context("random moments") {
            test("a program with threads passes") {
                checkCancelSafe(CancelOptions(samples = 20)) { toThread { Thread.sleep(1) } }
            }

            test("find what it leaves, and tell the seed") {
                val failure =
                    failureOf(CancelOptions(samples = 30, seed = 7)) {
                        val other = createTask { sleep(1.hours) }
                        repeat(5) { toThread { } }
                        other.cancel()
                    }
                failure.message shouldContain " of 30 samples of seed 7:"
                failure.message shouldContain "a task is not done"
            }

            test("are the same with the same seed") {
                fun places() =
                    failureOf(CancelOptions(samples = 10, seed = 3)) {
                        val other = createTask { sleep(1.hours) }
                        repeat(20) { sleep(Duration.ZERO) }
                        other.cancel()
                    }.byPlace().keys.filter { "after" in it }.size
                (places() > 0) shouldBe true
            }
        }

        test("arguments that make no sense are refused") {
            shouldThrow<IllegalArgumentException> { CancelOptions(turnLimit = 0) }
            shouldThrow<IllegalArgumentException> { CancelOptions(timeLimit = Duration.ZERO) }
            shouldThrow<IllegalArgumentException> { CancelOptions(settle = Duration.INFINITE) }
            shouldThrow<IllegalArgumentException> { CancelOptions(samples = 0) }
            shouldThrow<IllegalArgumentException> { CancelOptions(seed = 1) }
        }
    })
