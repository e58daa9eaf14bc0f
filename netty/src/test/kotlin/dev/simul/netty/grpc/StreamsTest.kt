// SPDX-License-Identifier: Apache-2.0
package dev.simul.netty.grpc

import dev.simul.aclosing
import dev.simul.createTask
import dev.simul.exceptions.CancelledException
import dev.simul.exceptions.TimeoutException
import dev.simul.generators.AsyncGenerator
import dev.simul.generators.asyncGenerator
import dev.simul.netty.until
import dev.simul.queues.Queue
import dev.simul.sleep
import dev.simul.timeout
import io.grpc.CallOptions
import io.grpc.ServerServiceDefinition
import io.grpc.Status
import io.grpc.StatusRuntimeException
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.core.spec.style.scopes.FunSpecContainerScope
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.ints.shouldBeLessThan
import io.kotest.matchers.shouldBe
import kotlinx.coroutines.flow.asFlow
import kotlinx.coroutines.flow.flow
import kotlinx.coroutines.flow.map
import kotlinx.coroutines.flow.take
import kotlinx.coroutines.flow.toList
import java.util.concurrent.TimeUnit.MILLISECONDS
import kotlin.time.Duration.Companion.hours
import kotlin.time.Duration.Companion.milliseconds

class StreamsTest : FunSpec({ withEnds { ends -> tests(ends) } })

private const val MANY = 10_000

/** A message of 1 KiB. */
private fun message(number: Int) = "$number".padEnd(1_024, '.')

private fun numberOf(message: String) = message.trimEnd('.').toInt()

private suspend fun FunSpecContainerScope.tests(ends: Ends) {
    test("a stream of responses, as a loop and as a Flow") {
        onCleanLoop {
            val handler = unaryStreamHandler<String, String> { request, _ -> request.map { "$it" }.asFlow() }
            ends.serving(Words.service(Words.SPELL to handler)) { channel ->
                val letters = ArrayList<String>()
                for (letter in channel.unaryStream(Words.SPELL, "hello")) letters += letter
                letters.joinToString("") shouldBe "hello"
                channel.unaryStream(Words.SPELL, "flow").map { it.uppercase() }.toList() shouldContainExactly listOf("F", "L", "O", "W")
                channel.unaryStream(Words.SPELL, "").toList().shouldBeEmpty()
            }
        }
    }

    test("a stream that is left early is cancelled, and the handler's generator is closed") {
        onCleanLoop {
            val events = ArrayList<String>()
            val handler =
                unaryStreamHandler<String, String> { request, _ ->
                    asyncGenerator {
                        try {
                            while (true) {
                                yield(request)
                                sleep(1.milliseconds)
                            }
                        } finally {
                            events += "closed"
                        }
                    }
                }
            ends.serving(Words.service(Words.SPELL to handler)) { channel ->
                channel.unaryStream(Words.SPELL, "a").take(3).toList() shouldContainExactly listOf("a", "a", "a")
                until { events.size == 1 }
                aclosing(channel.unaryStream(Words.SPELL, "b")) { responses ->
                    for (response in responses) break
                }
                until { events.size == 2 }
            }
        }
    }

    test("the responses before a failure arrive before it") {
        onCleanLoop {
            val handler =
                unaryStreamHandler<String, String> { request, _ ->
                    flow {
                        emit(request)
                        throw Status.DATA_LOSS.withDescription("the rest").asException()
                    }
                }
            ends.serving(Words.service(Words.SPELL to handler)) { channel ->
                val responses = channel.unaryStream(Words.SPELL, "a")
                responses.anext() shouldBe "a"
                val failure = shouldThrow<StatusRuntimeException> { responses.anext() }
                failure.status.code shouldBe Status.Code.DATA_LOSS
                failure.status.description shouldBe "the rest"
            }
        }
    }

    test("ten thousand responses are sent as they are taken, and few are held between") {
        onCleanLoop {
            var sent = 0
            val handler =
                unaryStreamHandler<String, String> { _, _ ->
                    flow { repeat(MANY) { emit(message(it).also { sent++ }) } }
                }
            ends.serving(Words.service(Words.SPELL to handler)) { channel ->
                var taken = 0
                aclosing(channel.unaryStream(Words.SPELL, "")) { responses ->
                    responses.anext()
                    taken++
                    untilStill { sent }
                    sent - taken shouldBeLessThan MANY / 3
                    for (response in responses) {
                        numberOf(response) shouldBe taken++
                        if (taken % 1_000 == 0) sent - taken shouldBeLessThan MANY / 3
                    }
                }
                taken shouldBe MANY
            }
        }
    }

    test("a stream of requests has one response") {
        onCleanLoop {
            val handler = streamUnaryHandler<String, String> { requests, _ -> requests.toList().joinToString(" ") }
            ends.serving(Words.service(Words.JOIN to handler)) { channel ->
                channel.streamUnary(Words.JOIN, listOf("all", "these", "words").asFlow()) shouldBe "all these words"
                channel.streamUnary(Words.JOIN, emptyList<String>().asFlow()) shouldBe ""
            }
        }
    }

    test("ten thousand requests are sent as they are taken, and few are held between") {
        onCleanLoop {
            var sent = 0
            var mayTake = false
            var taken = 0
            val handler =
                streamUnaryHandler<String, String> { requests, _ ->
                    until { mayTake }
                    for (request in requests) numberOf(request) shouldBe taken++
                    "$taken"
                }
            ends.serving(Words.service(Words.JOIN to handler)) { channel ->
                val call = createTask { channel.streamUnary(Words.JOIN, flow { repeat(MANY) { emit(message(it).also { sent++ }) } }) }
                until { sent > 0 }
                untilStill { sent }
                sent shouldBeLessThan MANY / 3
                mayTake = true
                call.await() shouldBe "$MANY"
            }
        }
    }

    test("a response before the last request ends the requests") {
        onCleanLoop {
            val events = ArrayList<String>()
            val handler = streamUnaryHandler<String, String> { requests, _ -> "${requests.anext()} ${requests.anext()}" }
            ends.serving(Words.service(Words.JOIN to handler)) { channel ->
                val requests =
                    asyncGenerator {
                        try {
                            var number = 0
                            while (true) yield("${number++}").also { sleep(1.milliseconds) }
                        } finally {
                            events += "the requests are closed"
                        }
                    }
                channel.streamUnary(Words.JOIN, requests) shouldBe "0 1"
                events shouldContainExactly listOf("the requests are closed")
            }
        }
    }

    test("requests that fail cancel the call, and their exception is thrown") {
        onCleanLoop {
            val events = ArrayList<String>()
            val joining = streamUnaryHandler<String, String> { requests, _ -> noting(events) { requests.toList().joinToString() } }
            val chatting = streamStreamHandler<String, String> { requests, _ -> flow { noting(events) { requests.collect { emit(it) } } } }
            ends.serving(Words.service(Words.JOIN to joining, Words.CHAT to chatting)) { channel ->
                val requests =
                    flow {
                        emit("one")
                        until { events.lastOrNull() == "begins" }
                        error("out of words")
                    }
                shouldThrow<IllegalStateException> { channel.streamUnary(Words.JOIN, requests) }.message shouldBe "out of words"
                until { events.size == 2 }
                shouldThrow<IllegalStateException> { channel.streamStream(Words.CHAT, requests).toList() }.message shouldBe "out of words"
                until { events.size == 4 }
            }
            events shouldContainExactly listOf("begins", "is cancelled", "begins", "is cancelled")
        }
    }

    test("both directions in turns, until the client has said all") {
        onCleanLoop {
            ends.serving(Words.service(Words.CHAT to echoing)) { channel ->
                val requests = Queue<String?>()
                val responses =
                    channel.streamStream(Words.CHAT, asyncGenerator { while (true) yield(requests.get() ?: break) })
                for (number in 1..100) {
                    requests.putNowait("$number")
                    responses.anext() shouldBe "$number"
                }
                requests.putNowait(null)
                responses.toList() shouldContainExactly listOf("bye")
            }
        }
    }

    test("ten thousand messages there and back") {
        onCleanLoop {
            ends.serving(Words.service(Words.CHAT to echoing)) { channel ->
                var taken = 0
                channel.streamStream(Words.CHAT, (0 until MANY).asFlow().map { message(it) }).collect {
                    if (taken < MANY) numberOf(it) shouldBe taken
                    taken++
                }
                taken shouldBe MANY + 1
            }
        }
    }

    test("a server that answers early ends the conversation") {
        onCleanLoop {
            val events = ArrayList<String>()
            val handler = streamStreamHandler<String, String> { requests, _ -> flow { emit("enough of ${requests.anext()}") } }
            ends.serving(Words.service(Words.CHAT to handler)) { channel ->
                val requests =
                    flow {
                        try {
                            emit("this")
                            sleep(1.hours)
                        } finally {
                            events += "the requests have ended"
                        }
                    }
                channel.streamStream(Words.CHAT, requests).toList() shouldContainExactly listOf("enough of this")
                events shouldContainExactly listOf("the requests have ended")
            }
        }
    }

    test("a deadline, a timeout and a cancellation end streams, at both ends") {
        onCleanLoop {
            val events = ArrayList<String>()
            val spelling = unaryStreamHandler<String, String> { _, _ -> flow { noting(events) { sleep(1.hours) } } }
            val joining = streamUnaryHandler<String, String> { requests, _ -> noting(events) { requests.toList().joinToString() } }
            val chatting = streamStreamHandler<String, String> { requests, _ -> flow { noting(events) { requests.collect { emit(it) } } } }
            val service: ServerServiceDefinition = Words.service(Words.SPELL to spelling, Words.JOIN to joining, Words.CHAT to chatting)
            ends.serving(service) { channel ->
                val endless = flow<String> { sleep(1.hours) }

                fun calls(options: CallOptions): List<suspend () -> Unit> =
                    listOf(
                        { channel.unaryStream(Words.SPELL, "", options).toList() },
                        { channel.streamUnary(Words.JOIN, endless, options) },
                        { channel.streamStream(Words.CHAT, endless, options).toList() },
                    )
                for (number in 0..2) {
                    val options = CallOptions.DEFAULT.withDeadlineAfter(100, MILLISECONDS)
                    val failure = shouldThrow<StatusRuntimeException> { calls(options)[number]() }
                    failure.status.code shouldBe Status.Code.DEADLINE_EXCEEDED
                    until { events.size % 2 == 0 && events.isNotEmpty() }
                    events.clear()

                    shouldThrow<TimeoutException> { timeout(100.milliseconds) { calls(CallOptions.DEFAULT)[number]() } }
                    until { events.size == 2 }
                    events.clear()

                    val task = createTask { calls(CallOptions.DEFAULT)[number]() }
                    until { events.size == 1 }
                    task.cancel()
                    shouldThrow<CancelledException> { task.await() }
                    until { events.size == 2 }
                    events shouldContainExactly listOf("begins", "is cancelled")
                    events.clear()
                }
            }
        }
    }
}

/** Echoes, and has the last word. */
private val echoing
    get() =
        streamStreamHandler<String, String> { requests: AsyncGenerator<String, Nothing>, _ ->
            asyncGenerator {
                for (request in requests) yield(request)
                yield("bye")
            }
        }

private suspend fun <T> noting(
    events: MutableList<String>,
    block: suspend () -> T,
): T {
    events += "begins"
    try {
        return block()
    } catch (e: CancelledException) {
        events += "is cancelled"
        throw e
    }
}

/** Waits until [value] has not changed for a while. */
private suspend fun untilStill(value: () -> Int) {
    var before: Int
    do {
        before = value()
        sleep(100.milliseconds)
    } while (value() != before)
}
