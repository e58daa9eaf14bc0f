// SPDX-License-Identifier: Apache-2.0
package dev.simul.netty.grpc

import dev.simul.Task
import dev.simul.TaskFactory
import dev.simul.TaskOptions
import dev.simul.context.ContextVar
import dev.simul.createTask
import dev.simul.currentTask
import dev.simul.exceptions.CancelledException
import dev.simul.exceptions.TimeoutException
import dev.simul.gather
import dev.simul.loop.EventLoop
import dev.simul.loop.getRunningLoop
import dev.simul.loop.getRunningLoopOrNull
import dev.simul.net.Resolver
import dev.simul.net.resolver
import dev.simul.netty.onLoop
import dev.simul.netty.recordReports
import dev.simul.netty.until
import dev.simul.newTask
import dev.simul.sleep
import dev.simul.taskFactory
import dev.simul.timeout
import dev.simul.tls.certificate
import dev.simul.wait
import io.grpc.CallOptions
import io.grpc.Channel
import io.grpc.ClientInterceptors
import io.grpc.Context
import io.grpc.Contexts
import io.grpc.Metadata
import io.grpc.MethodDescriptor
import io.grpc.ServerCall
import io.grpc.ServerCallHandler
import io.grpc.ServerInterceptor
import io.grpc.ServerInterceptors
import io.grpc.Status
import io.grpc.StatusRuntimeException
import io.grpc.TlsChannelCredentials
import io.grpc.TlsServerCredentials
import io.grpc.netty.NettyChannelBuilder
import io.grpc.netty.NettyServerBuilder
import io.grpc.stub.MetadataUtils
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.core.spec.style.scopes.FunSpecContainerScope
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.longs.shouldBeInRange
import io.kotest.matchers.nulls.shouldBeNull
import io.kotest.matchers.nulls.shouldNotBeNull
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.types.shouldBeSameInstanceAs
import java.io.InputStream
import java.net.InetAddress
import java.net.InetSocketAddress
import java.net.ServerSocket
import java.net.UnknownHostException
import java.util.concurrent.TimeUnit.HOURS
import java.util.concurrent.TimeUnit.MILLISECONDS
import java.util.concurrent.TimeUnit.SECONDS
import java.util.concurrent.atomic.AtomicReference
import kotlin.time.Duration.Companion.hours
import kotlin.time.Duration.Companion.milliseconds

class UnaryTest :
    FunSpec({
        withEnds { ends -> tests(ends) }

        test("names are looked up by the loop's resolver, which may fail and be asked again") {
            onCleanLoop {
                val asked = ArrayList<String>()
                resolver =
                    Resolver { host ->
                        asked += host
                        if (host == "words.test") listOf(InetAddress.getByName("127.0.0.1")) else throw UnknownHostException(host)
                    }
                val server = Ends.ON_THE_LOOP.start(Words.service(Words.SHOUT to unaryUnaryHandler { request, _ -> request.uppercase() }))
                val channel = NettyChannelBuilder.forAddress("words.test", server.port).usePlaintext().onLoop().build()
                channel.unaryUnary(Words.SHOUT, "hello") shouldBe "HELLO"
                asked shouldContainExactly listOf("words.test")
                channel.authority() shouldBe "words.test:${server.port}"
                channel.close()
                val nowhere = NettyChannelBuilder.forAddress("nowhere.test", server.port).usePlaintext().onLoop().build()
                val failure = shouldThrow<StatusRuntimeException> { nowhere.unaryUnary(Words.SHOUT, "hello") }
                failure.status.code shouldBe Status.Code.UNAVAILABLE
                failure.status.description shouldContain "nowhere.test"
                nowhere.close()
                server.stop()
            }
        }

        test("nobody listens: the call fails, and with waitForReady it waits") {
            onCleanLoop {
                val port = ServerSocket(0).use { it.localPort }
                val channel = NettyChannelBuilder.forAddress("127.0.0.1", port).usePlaintext().onLoop().build()
                shouldThrow<StatusRuntimeException> {
                    channel.unaryUnary(
                        Words.SHOUT,
                        "hello",
                    )
                }.status.code shouldBe Status.Code.UNAVAILABLE
                shouldThrow<TimeoutException> {
                    timeout(100.milliseconds) { channel.unaryUnary(Words.SHOUT, "hello", CallOptions.DEFAULT.withWaitForReady()) }
                }
                channel.close()
            }
        }

        test("a channel for an address needs no name") {
            onCleanLoop {
                val server = Ends.ON_THE_LOOP.start(Words.service(Words.SHOUT to unaryUnaryHandler { request, _ -> request.uppercase() }))
                val channel = NettyChannelBuilder.forAddress(server.listenSockets.single()).usePlaintext().onLoop().build()
                channel.unaryUnary(Words.SHOUT, "hello") shouldBe "HELLO"
                channel.close()
                server.stop()
            }
        }

        test("a channel over TLS") {
            onCleanLoop {
                val shown = TlsServerCredentials.create(certificate("server.pem").toFile(), certificate("server.key").toFile())
                val trusted = TlsChannelCredentials.newBuilder().trustManager(certificate("ca.pem").toFile()).build()
                val address = InetSocketAddress(InetAddress.getLoopbackAddress(), 0)
                val service = Words.service(Words.SHOUT to unaryUnaryHandler { request, _ -> request.uppercase() })
                val server = NettyServerBuilder.forAddress(address, shown).addService(service).start()
                val channel = NettyChannelBuilder.forAddress("localhost", server.port, trusted).onLoop().build()
                channel.unaryUnary(Words.SHOUT, "hello") shouldBe "HELLO"
                channel.close()
                server.stop()
            }
        }

        test("everything that gRPC calls is called in the loop's thread") {
            onCleanLoop {
                val loop = getRunningLoop()
                val strays = ArrayList<String>()

                fun note(what: String) {
                    if (getRunningLoopOrNull() !== loop) strays += "$what in ${Thread.currentThread().name}"
                }
                val marshaller =
                    object : MethodDescriptor.Marshaller<String> by TextMarshaller {
                        override fun parse(stream: InputStream) = TextMarshaller.parse(stream).also { note("parse") }
                    }
                val method = Words.SHOUT.toBuilder(marshaller, marshaller).build()
                val interceptor =
                    object : ServerInterceptor {
                        override fun <Q, R> interceptCall(
                            call: ServerCall<Q, R>,
                            headers: Metadata,
                            next: ServerCallHandler<Q, R>,
                        ): ServerCall.Listener<Q> {
                            note("interceptCall")
                            return next.startCall(call, headers)
                        }
                    }
                val service = Words.service(method to unaryUnaryHandler { request, _ -> request.uppercase().also { note("handler") } })
                Ends.ON_THE_LOOP.serving(ServerInterceptors.intercept(service, interceptor)) { channel ->
                    val calls = List(100) { createTask { channel.unaryUnary(method, "$it") } }
                    gather(*calls.toTypedArray()).await() shouldBe List(100) { "$it" }
                }
                strays.shouldBeEmpty()
            }
        }
    })

private suspend fun FunSpecContainerScope.tests(ends: Ends) {
    test("a call is answered by a task that has the context variables of the handler's making") {
        val name = ContextVar<String>("name")
        onCleanLoop {
            name.set("of the handler")
            val handler =
                unaryUnaryHandler<String, String> { request, context ->
                    currentTask().shouldNotBeNull().name shouldBe "test.Words/Shout"
                    context.method shouldBeSameInstanceAs Words.SHOUT
                    context.deadline.shouldBeNull()
                    sleep(1.milliseconds)
                    "${request.uppercase()} ${name.get()}".also { name.set("of the call") }
                }
            name.set("of the caller")
            ends.serving(Words.service(Words.SHOUT to handler)) { channel ->
                repeat(3) { channel.unaryUnary(Words.SHOUT, "hello") shouldBe "HELLO of the handler" }
            }
        }
    }

    test("a failure with a status arrives with its description and trailers") {
        val key = Metadata.Key.of("reason", Metadata.ASCII_STRING_MARSHALLER)
        onCleanLoop {
            val handler =
                unaryUnaryHandler<String, String> { request, context ->
                    context.trailingMetadata.put(key, "the context")
                    val trailers = Metadata().apply { put(key, "the exception") }
                    throw Status.NOT_FOUND.withDescription("no $request").asRuntimeException(trailers)
                }
            ends.serving(Words.service(Words.SHOUT to handler)) { channel ->
                val failure = shouldThrow<StatusRuntimeException> { channel.unaryUnary(Words.SHOUT, "bread") }
                failure.status.code shouldBe Status.Code.NOT_FOUND
                failure.status.description shouldBe "no bread"
                failure.trailers!!.getAll(key)!!.toList() shouldContainExactly listOf("the context", "the exception")
            }
        }
    }

    test("another failure of a handler is told the loop's exception handler, and not the client") {
        onLoop {
            val reports = recordReports()
            val handler = unaryUnaryHandler<String, String> { _, _ -> error("the password is 1234") }
            ends.serving(Words.service(Words.SHOUT to handler)) { channel ->
                val failure = shouldThrow<StatusRuntimeException> { channel.unaryUnary(Words.SHOUT, "hello") }
                failure.status.code shouldBe Status.Code.UNKNOWN
                failure.status.description shouldBe "the handler has failed"
            }
            reports.single().message shouldBe "Exception in the handler of test.Words/Shout"
            reports.single().exception!!.message shouldBe "the password is 1234"
        }
    }

    test("a handler that is cancelled, even before it begins, says so") {
        onCleanLoop {
            val handler =
                unaryUnaryHandler<String, String> { _, _ ->
                    currentTask()!!.cancel()
                    sleep(1.hours)
                    "never"
                }
            ends.serving(Words.service(Words.SHOUT to handler)) { channel ->
                channel.shoutIsCancelled()
                taskFactory =
                    object : TaskFactory {
                        override fun <T> create(
                            loop: EventLoop,
                            coroutine: suspend () -> T,
                            options: TaskOptions,
                        ): Task<T> = loop.newTask(options, coroutine).also { if (options.name == "test.Words/Shout") it.cancel() }
                    }
                channel.shoutIsCancelled()
                taskFactory = null
            }
        }
    }

    test("metadata goes both ways") {
        val key = Metadata.Key.of("colour", Metadata.ASCII_STRING_MARSHALLER)
        onCleanLoop {
            val handler =
                unaryUnaryHandler<String, String> { _, context ->
                    val colour = context.invocationMetadata[key]!!
                    context.sendInitialMetadata(Metadata().apply { put(key, "$colour first") })
                    shouldThrow<IllegalStateException> { context.sendInitialMetadata(Metadata()) }.message shouldContain "sent already"
                    context.trailingMetadata.put(key, "$colour last")
                    context.peer.shouldNotBeNull()
                    "done"
                }
            ends.serving(Words.service(Words.SHOUT to handler)) { channel ->
                val headers = AtomicReference<Metadata>()
                val trailers = AtomicReference<Metadata>()
                val capturing = ClientInterceptors.intercept(channel, MetadataUtils.newCaptureMetadataInterceptor(headers, trailers))
                val metadata = Metadata().apply { put(key, "red") }
                capturing.unaryUnary(Words.SHOUT, "hello", metadata = metadata) shouldBe "done"
                headers.get()[key] shouldBe "red first"
                trailers.get()[key] shouldBe "red last"
                metadata.keys() shouldContainExactly setOf("colour")
            }
        }
    }

    test("a deadline fails the call, and cancels the handler") {
        onCleanLoop {
            val events = ArrayList<String>()
            val handler =
                unaryUnaryHandler<String, String> { _, context ->
                    context.deadline!!.timeRemaining(MILLISECONDS) shouldBeInRange 0L..200L
                    try {
                        sleep(1.hours)
                        "never"
                    } catch (e: CancelledException) {
                        events += "the handler is cancelled"
                        throw e
                    }
                }
            ends.serving(Words.service(Words.SHOUT to handler)) { channel ->
                val options = CallOptions.DEFAULT.withDeadlineAfter(200, MILLISECONDS)
                val failure = shouldThrow<StatusRuntimeException> { channel.unaryUnary(Words.SHOUT, "hello", options) }
                failure.status.code shouldBe Status.Code.DEADLINE_EXCEEDED
                until { events.isNotEmpty() }
            }
            events shouldContainExactly listOf("the handler is cancelled")
        }
    }

    test("cancelling the task that waits, or a timeout around it, cancels the call and the handler") {
        onCleanLoop {
            val events = ArrayList<String>()
            val handler =
                unaryUnaryHandler<String, String> { _, _ ->
                    events += "begins"
                    try {
                        sleep(1.hours)
                        "never"
                    } finally {
                        events += "ends"
                    }
                }
            ends.serving(Words.service(Words.SHOUT to handler)) { channel ->
                val call = createTask { channel.unaryUnary(Words.SHOUT, "hello") }
                until { "begins" in events }
                call.cancel()
                shouldThrow<CancelledException> { call.await() }
                until { events.size == 2 }
                shouldThrow<TimeoutException> { timeout(50.milliseconds) { channel.unaryUnary(Words.SHOUT, "hello") } }
                until { events.size == 4 }
            }
            events shouldContainExactly listOf("begins", "ends", "begins", "ends")
        }
    }

    test("a call that a handler makes ends with the handler's") {
        onCleanLoop {
            val events = ArrayList<String>()
            lateinit var itself: Channel
            val handler =
                unaryUnaryHandler<String, String> { request, context ->
                    events += "$request begins with ${if (context.deadline == null) "no" else "a"} deadline"
                    try {
                        // Not awaited, so that the cancellation of the task does not cancel it: what remains is gRPC's own.
                        if (request == "outer") {
                            val inner = createTask { itself.unaryUnary(Words.SHOUT, "inner") }
                            try {
                                wait(listOf(inner))
                            } finally {
                                // The inner call may have ended before the cancellation of this task came, which gRPC tells from another thread.
                                val failure = shouldThrow<StatusRuntimeException> { inner.await() }
                                events += "inner fails with ${failure.status.code}"
                            }
                            "never"
                        } else {
                            sleep(1.hours)
                            "never"
                        }
                    } finally {
                        events += "$request ends"
                    }
                }
            ends.serving(Words.service(Words.SHOUT to handler)) { channel ->
                itself = channel
                val outer = createTask { channel.unaryUnary(Words.SHOUT, "outer", CallOptions.DEFAULT.withDeadlineAfter(1, HOURS)) }
                until { events.size == 2 }
                outer.cancel()
                shouldThrow<CancelledException> { outer.await() }
                until { events.size == 5 }
            }
            events.take(2) shouldContainExactly listOf("outer begins with a deadline", "inner begins with a deadline")
            events.drop(2).toSet() shouldBe setOf("inner fails with CANCELLED", "inner ends", "outer ends")
        }
    }

    test("an interceptor's context is in the handler's") {
        val user = Context.key<String>("user")
        onCleanLoop {
            val interceptor =
                object : ServerInterceptor {
                    override fun <Q, R> interceptCall(
                        call: ServerCall<Q, R>,
                        headers: Metadata,
                        next: ServerCallHandler<Q, R>,
                    ): ServerCall.Listener<Q> = Contexts.interceptCall(Context.current().withValue(user, "ada"), call, headers, next)
                }
            val handler = unaryUnaryHandler<String, String> { request, context -> "$request ${user[context.grpcContext]}" }
            ends.serving(ServerInterceptors.intercept(Words.service(Words.SHOUT to handler), interceptor)) { channel ->
                channel.unaryUnary(Words.SHOUT, "hello") shouldBe "hello ada"
            }
        }
    }

    test("a method that is not there, and a request that cannot be written") {
        onCleanLoop {
            ends.serving(Words.service()) { channel ->
                shouldThrow<StatusRuntimeException> {
                    channel.unaryUnary(
                        Words.SHOUT,
                        "hello",
                    )
                }.status.code shouldBe Status.Code.UNIMPLEMENTED
                val unspeakable =
                    object : MethodDescriptor.Marshaller<String> by TextMarshaller {
                        override fun stream(value: String) = error("unspeakable")
                    }
                val method = Words.SHOUT.toBuilder(unspeakable, TextMarshaller).build()
                shouldThrow<StatusRuntimeException> { channel.unaryUnary(method, "hello") }.cause!!.message shouldBe "unspeakable"
            }
        }
    }

    test("a thousand calls at once, each with its answer") {
        onCleanLoop {
            val handler =
                unaryUnaryHandler<String, String> { request, _ ->
                    sleep(1.milliseconds)
                    request.uppercase()
                }
            ends.serving(Words.service(Words.SHOUT to handler)) { channel ->
                val calls =
                    List(
                        1_000,
                    ) { createTask { channel.unaryUnary(Words.SHOUT, "word $it", CallOptions.DEFAULT.withDeadlineAfter(60, SECONDS)) } }
                gather(*calls.toTypedArray()).await() shouldBe List(1_000) { "WORD $it" }
            }
        }
    }
}

private suspend fun Channel.shoutIsCancelled() {
    val failure = shouldThrow<StatusRuntimeException> { unaryUnary(Words.SHOUT, "hello") }
    failure.status.code shouldBe Status.Code.CANCELLED
    failure.status.description shouldBe "the handler was cancelled"
}
