// SPDX-License-Identifier: Apache-2.0
package dev.simul.netty.grpc

import dev.simul.createTask
import dev.simul.dispatcher
import dev.simul.exceptions.CancelledException
import dev.simul.exceptions.TimeoutException
import dev.simul.loop.getRunningLoop
import dev.simul.loop.getRunningLoopOrNull
import dev.simul.netty.until
import dev.simul.sleep
import dev.simul.timeout
import io.grpc.Status
import io.grpc.StatusException
import io.grpc.kotlin.ClientCalls
import io.grpc.kotlin.ServerCalls
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import kotlinx.coroutines.delay
import kotlinx.coroutines.flow.asFlow
import kotlinx.coroutines.flow.map
import kotlinx.coroutines.flow.take
import kotlinx.coroutines.flow.toList
import kotlin.time.Duration.Companion.hours
import kotlin.time.Duration.Companion.milliseconds

/** What the code that gRPC generates for Kotlin calls, in tasks, and on the loop's dispatcher. */
class GrpcKotlinTest :
    FunSpec({
        test("the calls of generated clients are awaited by tasks, which cancel them") {
            onCleanLoop {
                val events = ArrayList<String>()
                val service =
                    Words.service(
                        Words.SHOUT to
                            unaryUnaryHandler { request, _ ->
                                try {
                                    if (request == "never") sleep(1.hours)
                                    request.uppercase()
                                } catch (e: CancelledException) {
                                    events += "cancelled"
                                    throw e
                                }
                            },
                        Words.SPELL to unaryStreamHandler { request, _ -> request.map { "$it" }.asFlow() },
                        Words.JOIN to streamUnaryHandler { requests, _ -> requests.toList().joinToString("") },
                        Words.CHAT to streamStreamHandler { requests, _ -> requests.map { it.uppercase() } },
                    )
                Ends.ON_THE_LOOP.serving(service) { channel ->
                    ClientCalls.unaryRpc(channel, Words.SHOUT, "hello") shouldBe "HELLO"
                    ClientCalls.serverStreamingRpc(channel, Words.SPELL, "abc").toList() shouldContainExactly listOf("a", "b", "c")
                    ClientCalls.serverStreamingRpc(channel, Words.SPELL, "abc").take(1).toList() shouldContainExactly listOf("a")
                    ClientCalls.clientStreamingRpc(channel, Words.JOIN, listOf("a", "b").asFlow()) shouldBe "ab"
                    ClientCalls.bidiStreamingRpc(channel, Words.CHAT, listOf("a", "b").asFlow()).toList() shouldContainExactly
                        listOf("A", "B")
                    shouldThrow<TimeoutException> { timeout(50.milliseconds) { ClientCalls.unaryRpc(channel, Words.SHOUT, "never") } }
                    until { events.size == 1 }
                    val call = createTask { ClientCalls.unaryRpc(channel, Words.SHOUT, "never") }
                    sleep(50.milliseconds)
                    call.cancel()
                    shouldThrow<CancelledException> { call.await() }
                    until { events.size == 2 }
                }
            }
        }

        test("generated servers run on the loop's dispatcher, not as tasks") {
            onCleanLoop {
                val loop = getRunningLoop()
                val strays = ArrayList<String>()
                val events = ArrayList<String>()
                val shout =
                    ServerCalls.unaryServerMethodDefinition(loop.dispatcher, Words.SHOUT) { request: String ->
                        if (getRunningLoopOrNull() !== loop) strays += Thread.currentThread().name
                        events += "in a task: ${dev.simul.currentTask() != null}"
                        try {
                            if (request == "never") delay(1.hours)
                        } catch (e: kotlinx.coroutines.CancellationException) {
                            events += "cancelled"
                            throw e
                        }
                        if (request == "fail") throw StatusException(Status.NOT_FOUND)
                        request.uppercase()
                    }
                val service =
                    io.grpc.ServerServiceDefinition.builder("test.Words").addMethod(shout).build()
                Ends.ON_THE_LOOP.serving(service) { channel ->
                    channel.unaryUnary(Words.SHOUT, "hello") shouldBe "HELLO"
                    val call = createTask { channel.unaryUnary(Words.SHOUT, "never") }
                    until { events.size == 2 }
                    call.cancel()
                    shouldThrow<CancelledException> { call.await() }
                    until { events.size == 3 }
                }
                strays.shouldBeEmpty()
                events shouldContainExactly listOf("in a task: false", "in a task: false", "cancelled")
            }
        }
    })
