// SPDX-License-Identifier: Apache-2.0
package dev.simul.netty.reactor

import dev.simul.FacadeApi
import dev.simul.bodies.Carrier
import dev.simul.bodies.carrier
import dev.simul.createTask
import dev.simul.exceptions.CancelledException
import dev.simul.interop.bodyOf
import dev.simul.loop.EventLoop
import dev.simul.loop.getRunningLoop
import dev.simul.net.Resolver
import dev.simul.net.resolver
import dev.simul.netty.LoopAddressResolverGroup
import dev.simul.netty.eventLoopGroup
import dev.simul.netty.onLoop
import dev.simul.netty.recordReports
import dev.simul.netty.until
import dev.simul.reactivestreams.await
import dev.simul.reactivestreams.awaitPublisherInBody
import dev.simul.reactivestreams.awaitSingle
import dev.simul.reactivestreams.toAsyncGenerator
import dev.simul.runUntilComplete
import dev.simul.sleep
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import io.kotest.matchers.shouldNotBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.types.shouldBeSameInstanceAs
import io.kotest.matchers.types.shouldNotBeSameInstanceAs
import io.netty.channel.socket.SocketChannel
import io.netty.channel.unix.DomainSocketChannel
import kotlinx.coroutines.flow.toList
import reactor.core.publisher.Flux
import reactor.core.publisher.Mono
import reactor.core.publisher.Sinks
import reactor.netty.DisposableServer
import reactor.netty.http.client.HttpClient
import reactor.netty.http.server.HttpServer
import reactor.netty.resources.ConnectionProvider
import java.net.InetAddress
import java.time.Duration.ZERO
import kotlin.time.Duration
import java.time.Duration as JavaDuration

@OptIn(FacadeApi::class)
class LoopResourcesTest :
    FunSpec({
        test("there is one for each loop, until it is disposed of; then there is another") {
            onLoop {
                val first = loopResources()
                loopResources() shouldBeSameInstanceAs first
                await(first.disposeLater(ZERO, ZERO))
                first.isDisposed shouldBe true
                loopResources() shouldNotBeSameInstanceAs first
            }
            shouldThrow<IllegalStateException> { loopResources() }
        }

        test("clients, servers and selectors have one event loop, which is not shut down with another's") {
            onLoop {
                val resources = loopResources()
                val group = resources.onClient(true)
                group.next() shouldBeSameInstanceAs resources.onServer(false).next()
                group.next() shouldBeSameInstanceAs resources.onServerSelect(true).next()
                group.next().inEventLoop() shouldBe true
                await(resources.disposeLater(ZERO, ZERO))
                eventLoopGroup().isShuttingDown shouldBe false
            }
        }

        test("it has channels of NIO, and refuses others") {
            onLoop {
                val resources = loopResources()
                val group = resources.onClient(true)
                val channel = resources.onChannel(SocketChannel::class.java, group)
                resources.onChannelClass(SocketChannel::class.java, group) shouldBe channel.javaClass
                channel.unsafe().closeForcibly()
                shouldThrow<IllegalArgumentException> { resources.onChannel(DomainSocketChannel::class.java, group) }.message shouldContain
                    "a loop has no DomainSocketChannel"
            }
        }

        test("reactor-netty's server and client talk on the loop, without a thread") {
            onLoop {
                val before = threads()
                val loop = getRunningLoop()
                val strays = ArrayList<String>()
                val server =
                    serve { name ->
                        if (!loop.isInLoop) strays += Thread.currentThread().name
                        "hello $name"
                    }
                val client = client(server)
                awaitSingle(client.get().uri("/you").responseContent().aggregate().asString()) shouldBe "hello you"
                strays.shouldBeEmpty()
                (threads() - before).shouldBeEmpty()
                close(server)
            }
        }

        test("a body that streams is an asynchronous generator with backpressure") {
            onLoop {
                val server =
                    awaitSingle(
                        HttpServer
                            .create()
                            .runOn(loopResources())
                            .host("127.0.0.1")
                            .port(0)
                            .route { routes ->
                                routes.get("/") { _, response ->
                                    response.sendString(Flux.range(1, 10_000).map { "$it\n" })
                                }
                            }.bind(),
                    )
                val text =
                    client(
                        server,
                    ).get().uri("/").responseContent().asString().toAsyncGenerator(prefetch = 2).toList().joinToString("")
                text shouldBe (1..10_000).joinToString("") { "$it\n" }
                close(server)
            }
        }

        test("names are looked up by the loop's resolver, for a client that is given it") {
            onLoop {
                val asked = ArrayList<String>()
                resolver =
                    Resolver { host ->
                        asked += host
                        listOf(InetAddress.getLoopbackAddress())
                    }
                val server = serve { "hello $it" }
                val client = HttpClient.create(ConnectionProvider.newConnection()).runOn(loopResources()).resolver(LoopAddressResolverGroup)
                awaitSingle(
                    client.get().uri("http://nowhere.invalid:${server.port()}/you").responseContent().aggregate().asString(),
                ) shouldBe
                    "hello you"
                asked shouldContainExactly listOf("nowhere.invalid")
                close(server)
            }
        }

        test("a request that is cancelled closes its connection") {
            onLoop {
                val reports = recordReports()
                val never = Sinks.empty<String>()
                var opened = 0
                var closed = 0
                val server =
                    awaitSingle(
                        HttpServer
                            .create()
                            .runOn(loopResources())
                            .host("127.0.0.1")
                            .port(0)
                            .handle { request, response ->
                                opened++
                                request.withConnection { it.onDispose { closed++ } }
                                response.sendString(never.asMono())
                            }.bind(),
                    )
                val task = createTask { awaitSingle(client(server).get().uri("/").responseContent().aggregate().asString()) }
                until { opened == 1 }
                task.cancel()
                shouldThrow<CancelledException> { task.await() }
                until { closed == 1 }
                close(server)
                reports.shouldBeEmpty()
            }
        }

        test("block() and its like fail at once in the loop, and say what to call") {
            onLoop {
                loopResources()
                val never = Mono.never<Int>()
                for (blocking in listOf({ never.block() }, { never.block(JavaDuration.ofSeconds(1)) }, { never.blockOptional() }, {
                    Flux.never<Int>().blockFirst()
                })) {
                    shouldThrow<IllegalStateException> { blocking() }.message shouldContain "await(publisher)"
                }
                shouldThrow<IllegalStateException> { Flux.never<Int>().toIterable().iterator().hasNext() }
                var inCallback: Throwable? = null
                callSoon { inCallback = runCatching { never.block() }.exceptionOrNull() }
                sleep(Duration.ZERO)
                inCallback!!.message shouldContain "block() would block the loop"
            }
            Mono.just(1).block() shouldBe 1
            Mono.delay(JavaDuration.ofMillis(1)).block() shouldNotBe null
        }

        test("a channel that is open when the loop closes is closed and reported") {
            val loop = EventLoop()
            val reports = loop.recordReports()
            val server = loop.runUntilComplete { serve { it } }
            loop.close()
            server.isDisposed shouldBe true
            reports.map { it.message }.single() shouldContain "was open when its loop closed"
        }

        for (carrier in Carrier.available()) {
            test("bodies in Java await and may not block, on ${carrier.name}") {
                onLoop {
                    this.carrier = carrier
                    val server = serve { "hello $it" }
                    val client = client(server)
                    bodyOf {
                        awaitPublisherInBody(client.get().uri("/you").responseContent().aggregate().asString()) shouldBe "hello you"
                        shouldThrow<IllegalStateException> {
                            Mono.never<Int>().block()
                        }.message shouldContain "ReactiveStreams.await(publisher)"
                    }.await()
                    close(server)
                }
            }
        }
    })

private suspend fun serve(answer: (String) -> String): DisposableServer =
    awaitSingle(
        HttpServer
            .create()
            .runOn(loopResources())
            .host("127.0.0.1")
            .port(0)
            .route { routes ->
                routes.get("/{name}") { request, response -> response.sendString(Mono.fromCallable { answer(request.param("name")!!) }) }
            }.bind(),
    )

private fun client(server: DisposableServer): HttpClient =
    HttpClient
        .create(ConnectionProvider.newConnection())
        .runOn(loopResources())
        .host("127.0.0.1")
        .port(server.port())

private suspend fun close(server: DisposableServer) {
    server.dispose()
    await(server.onDispose())
}

private fun threads(): Set<Thread> = Thread.getAllStackTraces().keys.filterTo(HashSet()) { "reactor" in it.name || "netty" in it.name }
