// SPDX-License-Identifier: Apache-2.0
package dev.simul.netty.lettuce

import dev.simul.createFuture
import dev.simul.loop.EventLoop
import dev.simul.loop.ExceptionHandler
import dev.simul.loop.getRunningLoop
import dev.simul.netty.LoopAddressResolverGroup
import dev.simul.netty.await
import dev.simul.netty.eventLoopGroup
import dev.simul.netty.onLoop
import dev.simul.runUntilComplete
import dev.simul.sleep
import dev.simul.testing.runTest
import dev.simul.toThread
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.types.shouldBeSameInstanceAs
import io.kotest.matchers.types.shouldNotBeSameInstanceAs
import io.lettuce.core.RedisURI
import io.lettuce.core.event.Event
import io.lettuce.core.resource.ClientResources
import io.lettuce.core.resource.DefaultClientResources
import io.lettuce.core.resource.Delay
import io.lettuce.core.resource.NettyCustomizer
import io.netty.bootstrap.Bootstrap
import io.netty.channel.Channel
import io.netty.channel.ChannelDuplexHandler
import io.netty.channel.ChannelHandlerContext
import io.netty.channel.DefaultEventLoopGroup
import io.netty.channel.EventLoopGroup
import io.netty.channel.embedded.EmbeddedChannel
import io.netty.channel.nio.NioEventLoopGroup
import io.netty.channel.socket.nio.NioSocketChannel
import io.netty.handler.flush.FlushConsolidationHandler
import io.netty.util.Timeout
import io.netty.util.Timer
import io.netty.util.TimerTask
import java.time.Duration
import java.util.concurrent.TimeUnit
import java.util.concurrent.TimeUnit.SECONDS
import kotlin.time.Duration.Companion.seconds
import dev.simul.run as runLoop

/** Lettuce's resources, and what it asks of a provider of event loops, as its own ones do it. */
class ClientResourcesTest :
    FunSpec({
        test("a loop has its resources, and each loop others") {
            lateinit var first: ClientResources
            runTest {
                first = clientResources()
                clientResources() shouldBeSameInstanceAs first
                getRunningLoop().clientResources() shouldBeSameInstanceAs first
            }
            runTest { clientResources() shouldNotBeSameInstanceAs first }
        }

        test("without a loop, and from another thread, there are none") {
            shouldThrow<IllegalStateException> { clientResources() }
            onLoop {
                val loop = getRunningLoop()
                toThread { shouldThrow<IllegalStateException> { loop.clientResources() } }.message shouldContain "another thread"
                val resources = clientResources()
                toThread { loop.clientResources() } shouldBeSameInstanceAs resources
            }
        }

        test("event loops and executors are the loop's one; threads are counted as one") {
            runTest {
                val resources = clientResources()
                val group = eventLoopGroup()
                nioGroup(resources) shouldBeSameInstanceAs group
                resources.eventLoopGroupProvider().allocate(EventLoopGroup::class.java) shouldBeSameInstanceAs group
                resources.eventLoopGroupProvider().threadPoolSize() shouldBe 1
                resources.eventExecutorGroup() shouldBeSameInstanceAs group
                resources.ioThreadPoolSize() shouldBe 1
                resources.computationThreadPoolSize() shouldBe 1
                resources.addressResolverGroup() shouldBeSameInstanceAs LoopAddressResolverGroup
            }
        }

        test("a provider gives the same group each time; neither releasing nor shutting it down touches the group") {
            runTest {
                val provider = clientResources().eventLoopGroupProvider()
                val group = provider.allocate(EventLoopGroup::class.java)
                provider.allocate(EventLoopGroup::class.java) shouldBeSameInstanceAs group
                await(provider.release(group, 1, 1, SECONDS)) shouldBe true
                await(provider.release(group, 1, 1, SECONDS)) shouldBe true
                await(provider.shutdown(1, 1, SECONDS)) shouldBe true
                group.isShuttingDown shouldBe false
                provider.allocate(EventLoopGroup::class.java) shouldBeSameInstanceAs group
            }
        }

        test("a group of another transport is refused, with the remedy") {
            runTest {
                val provider = clientResources().eventLoopGroupProvider()
                val refused = shouldThrow<IllegalStateException> { provider.allocate(otherGroup()) }
                refused.message shouldContain "DefaultEventLoopGroup"
                refused.message shouldContain "-Dio.lettuce.core.epoll=false"
            }
        }

        test("events of the bus are callbacks of the loop") {
            onLoop {
                val loop = getRunningLoop()
                val seen = createFuture<Boolean>()
                clientResources().eventBus().get().subscribe { seen.setResult(loop.isInLoop) }
                clientResources().eventBus().publish(object : Event {})
                seen.await() shouldBe true
            }
        }

        test("resources that were shut down are replaced; a future of the loop tells when, in any thread") {
            onLoop {
                val first = clientResources()
                await(first.shutdown()) shouldBe true
                await(first.shutdown(1, 1, SECONDS)) shouldBe true
                val second = clientResources()
                second shouldNotBeSameInstanceAs first
                toThread { second.shutdown().get(30, SECONDS) } shouldBe true
                clientResources() shouldNotBeSameInstanceAs second
                eventLoopGroup().isShuttingDown shouldBe false
            }
        }

        test("resources whose group was shut down are replaced") {
            onLoop {
                val first = clientResources()
                await(eventLoopGroup().shutdownGracefully(0, 1, SECONDS))
                clientResources() shouldNotBeSameInstanceAs first
                clientResources().eventExecutorGroup() shouldBeSameInstanceAs eventLoopGroup()
            }
        }

        test("they end with the loop, which reports nothing") {
            val reports = ArrayList<String>()
            lateinit var ended: List<LoopClientResources>
            runLoop {
                getRunningLoop().exceptionHandler = ExceptionHandler { _, context -> reports += context.message }
                ended = listOf(clientResources(), clientResources { }).map { it as LoopClientResources }
                ended.map { it.isUsable } shouldBe listOf(true, true)
            }
            ended.map { it.isUsable } shouldBe listOf(false, false)
            reports shouldBe emptyList()
            ended.forEach { it.shutdown().isDone shouldBe true }
        }

        test("resources with settings are new ones at each call, and keep the settings") {
            runTest {
                val events = ArrayList<String>()
                val customizer =
                    object : NettyCustomizer {
                        override fun afterBootstrapInitialized(bootstrap: Bootstrap) {
                            events += "bootstrap"
                        }

                        override fun afterChannelInitialized(channel: Channel) {
                            events += channel.pipeline().names().first()
                        }
                    }
                val delay = Delay.constant(Duration.ofMillis(7))
                val resources = clientResources { it.nettyCustomizer(customizer).reconnectDelay(delay) }
                resources shouldNotBeSameInstanceAs clientResources()
                resources.reconnectDelay() shouldBeSameInstanceAs delay
                resources.nettyCustomizer().afterBootstrapInitialized(Bootstrap())
                val channel = EmbeddedChannel()
                resources.nettyCustomizer().afterChannelInitialized(channel)
                events shouldContainExactly listOf("bootstrap", channel.pipeline().names().first())
                channel.finishAndReleaseAll()
            }
        }

        test("what one brings is one's own, and is neither stopped nor shut down with the resources") {
            runTest {
                val timer = UnusedTimer()
                val resources = clientResources { it.timer(timer).reconnectDelay(Delay.decorrelatedJitter()) }
                resources.timer() shouldBeSameInstanceAs timer
                resources.reconnectDelay() shouldNotBeSameInstanceAs resources.reconnectDelay()
                await(resources.shutdown()) shouldBe true
                timer.isStopped shouldBe false
            }
        }

        test("flushes are consolidated unless one says otherwise") {
            runTest {
                for ((resources, expected) in listOf(
                    clientResources() to true,
                    clientResources { } to true,
                    clientResources(consolidateFlushes = false) { } to false,
                )) {
                    val channel = EmbeddedChannel()
                    resources.nettyCustomizer().afterChannelInitialized(channel)
                    (channel.pipeline().get(FlushConsolidationHandler::class.java) != null) shouldBe expected
                    channel.finishAndReleaseAll()
                }
            }
        }

        test("Redis gets the first commands of many before the last are written") {
            onLoop {
                val bootstrap = Bootstrap().group(eventLoopGroup()).channel(NioSocketChannel::class.java)
                val registered = bootstrap.handler(ChannelDuplexHandler()).register()
                await(registered)
                val channel = registered.channel()
                clientResources().nettyCustomizer().afterChannelInitialized(channel)
                var flushes = 0
                channel.pipeline().addFirst(
                    object : ChannelDuplexHandler() {
                        override fun flush(context: ChannelHandlerContext) {
                            flushes++
                        }
                    },
                )
                repeat(80) { channel.flush() }
                flushes shouldBe 80 / 32
                sleep(0.seconds)
                flushes shouldBe 80 / 32 + 1
                await(channel.close())
            }
        }

        test("a copy of them has the same loop and timer") {
            runTest {
                val resources = clientResources()
                val copy = resources.mutate().reconnectDelay(Delay.constant(Duration.ZERO)).build()
                copy.eventLoopGroupProvider() shouldBeSameInstanceAs resources.eventLoopGroupProvider()
                copy.timer() shouldBeSameInstanceAs resources.timer()
                await(copy.shutdown()) shouldBe true
                resources.timer().newTimeout({}, 1, SECONDS).cancel() shouldBe true
            }
        }

        test("a client on the loop takes its resources alone") {
            runTest {
                val others = DefaultClientResources.create()
                shouldThrow<IllegalArgumentException> { redisClient(RedisURI.create("127.0.0.1", 1), others) }.message shouldContain
                    "clientResources()"
                others.shutdown(0, 1, SECONDS)
            }
            shouldThrow<IllegalStateException> { redisClient(RedisURI.create("127.0.0.1", 1)) }
        }

        test("before the loop runs, its resources may be made") {
            EventLoop().use { loop ->
                val resources = loop.clientResources()
                loop.runUntilComplete { clientResources() shouldBeSameInstanceAs resources }
            }
        }
    })

/** Asks as Lettuce does, by a class that the answer is not of. */
@Suppress("DEPRECATION", "UNCHECKED_CAST")
private fun nioGroup(resources: ClientResources): EventLoopGroup =
    resources.eventLoopGroupProvider().allocate(NioEventLoopGroup::class.java as Class<EventLoopGroup>)

/** One whose channels are not of java.nio. */
@Suppress("DEPRECATION")
private fun otherGroup(): Class<out EventLoopGroup> = DefaultEventLoopGroup::class.java

private class UnusedTimer : Timer {
    var isStopped = false
        private set

    override fun newTimeout(
        task: TimerTask,
        delay: Long,
        unit: TimeUnit,
    ): Timeout = error("nobody asks for it")

    override fun stop(): Set<Timeout> {
        isStopped = true
        return emptySet()
    }
}
