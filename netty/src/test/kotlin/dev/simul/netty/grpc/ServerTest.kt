// SPDX-License-Identifier: Apache-2.0
package dev.simul.netty.grpc

import dev.simul.createTask
import dev.simul.exceptions.CancelledException
import dev.simul.netty.until
import dev.simul.sleep
import io.grpc.Status
import io.grpc.StatusRuntimeException
import io.grpc.netty.NettyServerBuilder
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.core.spec.style.scopes.FunSpecContainerScope
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.comparables.shouldBeGreaterThan
import io.kotest.matchers.comparables.shouldBeLessThan
import io.kotest.matchers.shouldBe
import java.io.IOException
import java.net.InetAddress
import java.net.InetSocketAddress
import kotlin.time.Duration.Companion.hours
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.minutes
import kotlin.time.Duration.Companion.seconds

class ServerTest :
    FunSpec({
        withEnds { ends -> tests(ends) }

        test("a port that is taken fails the start, and leaves nothing") {
            onCleanLoop {
                val first = Ends.ON_THE_LOOP.start(Words.service())
                val address = InetSocketAddress(InetAddress.getLoopbackAddress(), first.port)
                shouldThrow<IOException> { NettyServerBuilder.forAddress(address).start() }
                first.stop()
                NettyServerBuilder.forAddress(address).start().stop()
            }
        }

        test("a start that is cancelled stops the server again") {
            onCleanLoop {
                repeat(20) { turns ->
                    val starting = createTask { Ends.ON_THE_LOOP.start(Words.service()) }
                    repeat(turns % 4) { sleep(0.seconds) }
                    starting.cancel()
                    shouldThrow<CancelledException> { starting.await() }
                }
            }
        }

        test("it may be stopped twice, and by several tasks") {
            onCleanLoop {
                val server = Ends.ON_THE_LOOP.start(Words.service())
                val stops = List(3) { createTask { server.stop(1.seconds) } }
                stops.forEach { it.await() }
                server.stop()
                server.isTerminated shouldBe true
            }
        }
    })

private suspend fun FunSpecContainerScope.tests(ends: Ends) {
    fun slowly(events: MutableList<String>) =
        Words.service(
            Words.SHOUT to
                unaryUnaryHandler { request, _ ->
                    events += "begins"
                    try {
                        if (request == "slow") sleep(1.hours) else sleep(300.milliseconds)
                        request.uppercase()
                    } catch (e: CancelledException) {
                        events += "is cancelled"
                        throw e
                    }
                },
        )

    test("stopping a server at once cancels the calls in flight, at both ends") {
        onCleanLoop {
            val events = ArrayList<String>()
            val server = ends.start(slowly(events))
            val channel = ends.channel(server)
            val calls = List(3) { createTask { channel.unaryUnary(Words.SHOUT, "slow") } }
            until { events.size == 3 }
            server.stop()
            server.isTerminated shouldBe true
            for (call in calls) shouldThrow<StatusRuntimeException> { call.await() }.status.code shouldBe Status.Code.CANCELLED
            until { events.size == 6 }
            events shouldContainExactly List(3) { "begins" } + List(3) { "is cancelled" }
            shouldThrow<StatusRuntimeException> { channel.unaryUnary(Words.SHOUT, "late") }.status.code shouldBe Status.Code.UNAVAILABLE
            channel.close()
        }
    }

    test("stopping a server with some grace lets the calls in flight end, and takes no others") {
        onCleanLoop {
            val events = ArrayList<String>()
            val server = ends.start(slowly(events))
            val channel = ends.channel(server)
            val calls = List(3) { createTask { channel.unaryUnary(Words.SHOUT, "quick") } }
            until { events.size == 3 }
            val stopping = createTask { server.stop(1.minutes) }
            until { server.isShutdown }
            calls.map { it.await() } shouldContainExactly List(3) { "QUICK" }
            stopping.await()
            shouldThrow<StatusRuntimeException> { channel.unaryUnary(Words.SHOUT, "late") }.status.code shouldBe Status.Code.UNAVAILABLE
            channel.close()
        }
    }

    test("grace has an end, and a cancelled stop has none") {
        onCleanLoop {
            repeat(2) { time ->
                val events = ArrayList<String>()
                val server = ends.start(slowly(events))
                val channel = ends.channel(server)
                val call = createTask { channel.unaryUnary(Words.SHOUT, "slow") }
                until { events.size == 1 }
                if (time == 0) {
                    val began = time()
                    server.stop(200.milliseconds)
                    time() - began shouldBeGreaterThan 190.milliseconds
                    time() - began shouldBeLessThan 30.seconds
                } else {
                    val stopping = createTask { server.stop(1.minutes) }
                    until { server.isShutdown }
                    stopping.cancel()
                    shouldThrow<CancelledException> { stopping.await() }
                }
                shouldThrow<StatusRuntimeException> { call.await() }
                until { events.size == 2 && server.isTerminated }
                channel.close()
            }
        }
    }

    test("closing a channel at once cancels its calls; with some grace it waits for them") {
        onCleanLoop {
            val events = ArrayList<String>()
            val server = ends.start(slowly(events))
            val channel = ends.channel(server)
            val call = createTask { channel.unaryUnary(Words.SHOUT, "slow") }
            until { events.size == 1 }
            channel.close()
            channel.isTerminated shouldBe true
            shouldThrow<StatusRuntimeException> { call.await() }.status.code shouldBe Status.Code.UNAVAILABLE
            until { events.size == 2 }
            val other = ends.channel(server)
            val quick = createTask { other.unaryUnary(Words.SHOUT, "quick") }
            until { events.size == 3 }
            other.close(1.minutes)
            quick.await() shouldBe "QUICK"
            server.stop()
        }
    }
}
