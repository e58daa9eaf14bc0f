// SPDX-License-Identifier: Apache-2.0
package dev.simul.netty.grpc

import dev.simul.FacadeApi
import dev.simul.bodies.Carrier
import dev.simul.bodies.carrier
import dev.simul.createTask
import dev.simul.exceptions.CancelledException
import dev.simul.gather
import dev.simul.interop.bodyOf
import dev.simul.netty.onLoop
import dev.simul.netty.recordReports
import dev.simul.netty.until
import io.grpc.ManagedChannel
import io.grpc.Status
import io.grpc.StatusRuntimeException
import io.grpc.netty.NettyServerBuilder
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.core.spec.style.scopes.FunSpecContainerScope
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import java.io.IOException
import java.net.InetAddress
import java.net.InetSocketAddress
import java.time.Duration

/** Bodies in Java at both ends, on each carrier, and at one end with the other on threads of Netty's. */
@OptIn(FacadeApi::class)
class GrpcBodiesTest :
    FunSpec({
        Carrier.available().forEach { carrier ->
            context(carrier.name) {
                Ends.entries.forEach { ends -> context(ends.name) { tests(carrier, ends) } }
                testOfLives(carrier)
            }
        }
    })

@OptIn(FacadeApi::class)
private suspend fun FunSpecContainerScope.tests(
    carrier: Carrier,
    ends: Ends,
) {
    fun serving(body: suspend (ManagedChannel, MutableList<String>) -> Unit) =
        onCleanLoop {
            this.carrier = carrier
            val events = ArrayList<String>()
            ends.serving(JavaWords.service(events)) { channel -> body(channel, events) }
        }

    test("calls of each kind, in a straight line") {
        serving { channel, _ ->
            bodyOf { JavaWords.callEach(channel) }.await() shouldContainExactly
                listOf("HELLO", "l e t t e r s", "alist", "agenerator", "ALL OF IT BYE")
            bodyOf { JavaWords.byFutures(channel) }.await() shouldContainExactly listOf("a", "b", "none")
        }
    }

    test("many calls at once, by one body and by many") {
        serving { channel, _ ->
            bodyOf { JavaWords.shoutTogether(channel, 200) }.await() shouldContainExactly List(200) { "WORD $it" }
            val bodies = List(32) { createTask { bodyOf { JavaWords.callEach(channel).size }.await() } }
            gather(*bodies.toTypedArray()).await() shouldContainExactly List(32) { 5 }
        }
    }

    test("cancelling a body that waits cancels the handler's body") {
        serving { channel, events ->
            val call = createTask { bodyOf { JavaWords.shout(channel, "slow") }.await() }
            until { events.size == 1 }
            call.cancel()
            shouldThrow<CancelledException> { call.await() }
            until { events.size == 2 }
            events shouldContainExactly listOf("begins", "is cancelled")
        }
    }

    test("what a body throws becomes a status, and nothing else is told") {
        onLoop {
            this.carrier = carrier
            val reports = recordReports()
            ends.serving(JavaWords.service(ArrayList())) { channel ->
                val missing = shouldThrow<StatusRuntimeException> { bodyOf { JavaWords.shout(channel, "missing") }.await() }
                missing.status.code shouldBe Status.Code.NOT_FOUND
                missing.status.description shouldBe "no such word"
                val secret = shouldThrow<StatusRuntimeException> { bodyOf { JavaWords.shout(channel, "secret") }.await() }
                secret.status.code shouldBe Status.Code.UNKNOWN
                secret.status.description shouldBe "the handler has failed"
            }
            reports.single().exception!!.message shouldBe "the password is 1234"
        }
    }

    test("streams that are left early, by the client and by the server") {
        serving { channel, events ->
            bodyOf { JavaWords.firstOf(channel, 10) }.await() shouldBe "endlessend"
            until { events.size == 1 }
            bodyOf { JavaWords.joinUntilEnough(channel, events) }.await() shouldBe "word word word enough"
            events shouldContainExactly listOf("has spelled", "the requests are closed")
        }
    }

    test("requests that fail throw their own exception") {
        serving { channel, _ ->
            shouldThrow<IOException> { bodyOf { JavaWords.failingRequests(channel) }.await() }.message shouldBe "out of words"
        }
    }

    test("a thousand messages there and back") {
        serving { channel, _ -> bodyOf { JavaWords.chat(channel, 1_000) }.await() shouldBe 1_001 }
    }
}

@OptIn(FacadeApi::class)
private suspend fun FunSpecContainerScope.testOfLives(carrier: Carrier) =
    test("servers and channels are started, stopped and closed by bodies") {
        onCleanLoop {
            this.carrier = carrier
            bodyOf {
                val address = InetSocketAddress(InetAddress.getLoopbackAddress(), 0)
                val server = GrpcOnLoop.start(NettyServerBuilder.forAddress(address).addService(JavaWords.service(ArrayList()))).await()
                val channel = Ends.ON_THE_LOOP.channel(server)
                JavaWords.shout(channel, "hello") shouldBe "HELLO"
                GrpcOnLoop.close(channel).await()
                GrpcOnLoop.stop(server, Duration.ofSeconds(1)).await()
                server.isTerminated shouldBe true
            }.await()
        }
    }
