// SPDX-License-Identifier: Apache-2.0
package dev.simul.netty

import dev.simul.createTask
import dev.simul.exceptions.CancelledException
import dev.simul.loop.EventLoop
import dev.simul.net.Resolver
import dev.simul.net.resolver
import dev.simul.sleep
import dev.simul.toThread
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.netty.channel.Channel
import io.netty.util.concurrent.ImmediateEventExecutor
import java.net.InetAddress
import java.net.InetSocketAddress
import java.net.UnknownHostException
import kotlin.time.Duration
import kotlin.time.Duration.Companion.hours
import kotlin.time.Duration.Companion.milliseconds

class LoopAddressResolverGroupTest :
    FunSpec({
        fun onLoopThatKnows(
            names: Map<String, InetAddress>,
            asked: MutableList<String> = ArrayList(),
            wait: Duration = 1.milliseconds,
            body: suspend EventLoop.(Channel) -> Unit,
        ) = onLoop {
            resolver =
                Resolver { host ->
                    asked += host
                    sleep(wait)
                    listOf(names[host] ?: throw UnknownHostException(host))
                }
            val server = serve { listOf(Echo()) }
            body(server)
            await(server.close())
        }
        val here = InetAddress.getByName("127.0.0.1")

        test("names are looked up by the loop's resolver, and addresses are not") {
            val asked = ArrayList<String>()
            onLoopThatKnows(mapOf("somewhere.test" to here), asked) { server ->
                for (host in listOf("somewhere.test", "127.0.0.1")) {
                    val connecting = client { listOf(Recorder()) }.resolver(LoopAddressResolverGroup).connect(host, server.port)
                    await(connecting)
                    await(connecting.channel().close())
                }
                val bootstrap = client { listOf(Recorder()) }.resolver(LoopAddressResolverGroup)
                val connecting = toThread { bootstrap.connect("somewhere.test", server.port) }
                await(connecting)
                await(connecting.channel().close())
            }
            asked shouldContainExactly listOf("somewhere.test", "somewhere.test")
        }

        test("a name that nobody knows fails the connection") {
            onLoopThatKnows(emptyMap()) {
                val connecting = client { listOf(Recorder()) }.resolver(LoopAddressResolverGroup).connect("nowhere.test", 80)
                shouldThrow<UnknownHostException> { await(connecting) }.message shouldContain "nowhere.test"
            }
        }

        test("all addresses, and a wait that is cancelled") {
            onLoopThatKnows(mapOf("somewhere.test" to here)) {
                val names = LoopAddressResolverGroup.getResolver(eventLoopGroup().next())
                val all = await(names.resolveAll(InetSocketAddress.createUnresolved("somewhere.test", 5)))
                all.map { "${it.address.hostAddress}:${it.port}" } shouldContainExactly listOf("127.0.0.1:5")
            }
            onLoopThatKnows(emptyMap(), wait = 1.hours) {
                val names = LoopAddressResolverGroup.getResolver(eventLoopGroup().next())
                val waiting = createTask { await(names.resolve(InetSocketAddress.createUnresolved("slow.test", 5))) }
                sleep(1.milliseconds)
                waiting.cancel()
                shouldThrow<CancelledException> { waiting.await() }
            }
        }

        test("other executors are refused") {
            shouldThrow<IllegalStateException> { LoopAddressResolverGroup.getResolver(ImmediateEventExecutor.INSTANCE) }
                .cause!!
                .message shouldContain "on no loop"
        }
    })
