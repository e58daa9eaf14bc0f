// SPDX-License-Identifier: Apache-2.0
package dev.simul.netty.grpc

import dev.simul.createTask
import dev.simul.exceptions.CancelledException
import dev.simul.netty.until
import dev.simul.sleep
import dev.simul.toThread
import io.grpc.CallOptions
import io.grpc.ServerServiceDefinition
import io.grpc.Status
import io.grpc.StatusRuntimeException
import io.grpc.stub.ClientCalls
import io.grpc.stub.ServerCallStreamObserver
import io.grpc.stub.ServerCalls
import io.grpc.stub.StreamObserver
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import kotlinx.coroutines.flow.asFlow
import kotlinx.coroutines.flow.toList
import java.util.concurrent.CountDownLatch
import java.util.concurrent.TimeUnit.SECONDS
import kotlin.time.Duration.Companion.hours

/** gRPC's own stubs at the other end, of clients that block and servers that are called back. */
class StockPeersTest :
    FunSpec({
        test("a server of gRPC's own stubs answers tasks") {
            onCleanLoop {
                val cancelled = CountDownLatch(1)
                Ends.SERVER_OF_OTHERS.serving(stockService(cancelled)) { channel ->
                    channel.unaryUnary(Words.SHOUT, "hello") shouldBe "HELLO"
                    channel.unaryStream(Words.SPELL, "abc").toList() shouldContainExactly listOf("a", "b", "c")
                    channel.streamUnary(Words.JOIN, listOf("a", "b").asFlow()) shouldBe "ab"
                    channel.streamStream(Words.CHAT, listOf("a", "b").asFlow()).toList() shouldContainExactly listOf("A", "B", "BYE")
                    val call = createTask { channel.unaryUnary(Words.SHOUT, "never") }
                    sleep(kotlin.time.Duration.ZERO)
                    until { channel.getState(false) == io.grpc.ConnectivityState.READY }
                    call.cancel()
                    shouldThrow<CancelledException> { call.await() }
                    val spelling = channel.unaryStream(Words.SPELL, "forever")
                    spelling.anext() shouldBe "f"
                    spelling.aclose()
                    toThread { cancelled.await(30, SECONDS) } shouldBe true
                }
            }
        }

        test("clients of gRPC's own stubs, which block threads, are answered by tasks") {
            onCleanLoop {
                val service =
                    Words.service(
                        Words.SHOUT to
                            unaryUnaryHandler { request, _ ->
                                if (request == "never") sleep(1.hours)
                                request.uppercase()
                            },
                        Words.SPELL to unaryStreamHandler { request, _ -> request.map { "$it" }.asFlow() },
                    )
                Ends.CHANNEL_OF_OTHERS.serving(service) { channel ->
                    val threads =
                        List(4) { number ->
                            createTask {
                                toThread {
                                    repeat(100) {
                                        ClientCalls.blockingUnaryCall(channel, Words.SHOUT, CallOptions.DEFAULT, "word $number") shouldBe
                                            "WORD $number"
                                    }
                                    ClientCalls
                                        .blockingServerStreamingCall(channel, Words.SPELL, CallOptions.DEFAULT, "abc")
                                        .asSequence()
                                        .toList()
                                }
                            }
                        }
                    threads.map { it.await() } shouldContainExactly List(4) { listOf("a", "b", "c") }
                    val options = CallOptions.DEFAULT.withDeadlineAfter(100, java.util.concurrent.TimeUnit.MILLISECONDS)
                    val late =
                        shouldThrow<StatusRuntimeException> {
                            toThread { ClientCalls.blockingUnaryCall(channel, Words.SHOUT, options, "never") }
                        }
                    late.status.code shouldBe Status.Code.DEADLINE_EXCEEDED
                }
            }
        }
    })

/** Counts [cancelled] down when a stream is cancelled. */
private fun stockService(cancelled: CountDownLatch): ServerServiceDefinition =
    Words.service(
        Words.SHOUT to
            ServerCalls.asyncUnaryCall { request, responses ->
                if (request != "never") {
                    responses.onNext(request.uppercase())
                    responses.onCompleted()
                }
            },
        Words.SPELL to
            ServerCalls.asyncServerStreamingCall { request, responses ->
                if (request == "forever") (responses as ServerCallStreamObserver<String>).setOnCancelHandler(cancelled::countDown)
                for (letter in request) responses.onNext("$letter")
                if (request != "forever") responses.onCompleted()
            },
        Words.JOIN to ServerCalls.asyncClientStreamingCall { responses -> Joining(responses) },
        Words.CHAT to ServerCalls.asyncBidiStreamingCall { responses -> Chatting(responses) },
    )

private class Joining(
    private val responses: StreamObserver<String>,
) : StreamObserver<String> {
    private val joined = StringBuilder()

    override fun onNext(value: String) {
        joined.append(value)
    }

    override fun onError(failure: Throwable) {}

    override fun onCompleted() {
        responses.onNext(joined.toString())
        responses.onCompleted()
    }
}

private class Chatting(
    private val responses: StreamObserver<String>,
) : StreamObserver<String> {
    override fun onNext(value: String) = responses.onNext(value.uppercase())

    override fun onError(failure: Throwable) {}

    override fun onCompleted() {
        responses.onNext("BYE")
        responses.onCompleted()
    }
}
