// SPDX-License-Identifier: Apache-2.0
package dev.simul.netty.lettuce

import dev.simul.createTask
import dev.simul.exceptions.CancelledException
import dev.simul.exceptions.TimeoutException
import dev.simul.loop.getRunningLoop
import dev.simul.netty.NeedingRedis
import dev.simul.netty.RedisServer
import dev.simul.netty.await
import dev.simul.netty.onLoop
import dev.simul.netty.until
import dev.simul.sleep
import dev.simul.timeout
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.shouldBe
import io.lettuce.core.RedisCommandTimeoutException
import io.lettuce.core.codec.StringCodec
import io.lettuce.core.pubsub.RedisPubSubAdapter
import io.lettuce.core.resource.Delay
import kotlin.time.Duration.Companion.milliseconds
import java.time.Duration as JavaDuration

/** No thread is started by Lettuce, and none of its callbacks runs in another than the loop's. */
class ThreadsTest :
    FunSpec({
        extension(NeedingRedis)

        test("connecting, commands, messages, timeouts, a lost connection and the end start no thread") {
            onLoop {
                var server = RedisServer.start()
                try {
                    val port = server.port
                    val before = threads()
                    val resources = clientResources { it.reconnectDelay(Delay.constant(JavaDuration.ofMillis(5))) }
                    val client = redisClient(server.uri, resources)
                    val connection = await(client.connectAsync(StringCodec.UTF8, server.uri))
                    await(connection.async().ping()) shouldBe "PONG"

                    val strays = ArrayList<String>()
                    val heard = ArrayList<String>()
                    val listening = await(client.connectPubSubAsync(StringCodec.UTF8, server.uri))
                    listening.addListener(
                        object : RedisPubSubAdapter<String, String>() {
                            override fun message(
                                channel: String,
                                message: String,
                            ) {
                                if (!getRunningLoop().isInLoop) strays += message
                                heard += message
                            }
                        },
                    )
                    await(listening.async().subscribe("news"))
                    await(connection.async().publish("news", "first"))
                    until { "first" in heard }

                    connection.timeout = JavaDuration.ofMillis(20)
                    await(listening.async().ping())
                    shouldThrow<RedisCommandTimeoutException> { await(connection.async().blpop(0.1, "nothing")) }
                    shouldThrow<TimeoutException> { timeout(5.milliseconds) { await(connection.async().blpop(0.1, "nothing")) } }
                    connection.timeout = JavaDuration.ofSeconds(30)
                    val cancelled = createTask { await(connection.async().blpop(0.1, "nothing")) }
                    sleep(5.milliseconds)
                    cancelled.cancel()
                    shouldThrow<CancelledException> { cancelled.await() }
                    threads(before).shouldBeEmpty()

                    server.close()
                    until { !connection.isOpen }
                    server = RedisServer.start(port = port)
                    val withServers = threads()
                    until { connection.isOpen && listening.isOpen }
                    until { await(connection.async().publish("news", "second")) == 1L }
                    until { "second" in heard }
                    await(client.shutdownAsync())
                    await(resources.shutdown())
                    threads(withServers).shouldBeEmpty()
                    strays.shouldBeEmpty()
                } finally {
                    server.close()
                }
            }
        }
    })

private fun threads(): Set<Thread> = Thread.getAllStackTraces().keys

/** The names of those that there were not [before]. */
private fun threads(before: Set<Thread>): List<String> = (threads() - before).map { it.name }
