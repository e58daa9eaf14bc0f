// SPDX-License-Identifier: Apache-2.0
package dev.simul.netty

import dev.simul.Task
import dev.simul.createTask
import dev.simul.exceptions.CancelledException
import dev.simul.house.Soak
import dev.simul.sleep
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.ints.shouldBeGreaterThan
import io.kotest.matchers.shouldBe
import io.netty.channel.Channel
import io.netty.channel.group.DefaultChannelGroup
import io.netty.util.concurrent.GlobalEventExecutor
import kotlin.random.Random
import kotlin.time.Duration
import kotlin.time.Duration.Companion.microseconds

class RandomCancelTest :
    FunSpec({
        test("conversations that are cancelled at random moments end, and leave no channel") {
            val seed = Random.nextLong()
            println("seed $seed")
            val random = Random(seed)
            onLoop {
                val reports = recordReports()
                val accepted = DefaultChannelGroup(GlobalEventExecutor.INSTANCE)
                val server =
                    serve { channel ->
                        accepted += channel
                        listOf(Echo())
                    }
                val opened = ArrayList<Channel>()
                var answered = 0
                var cancelled = 0
                val pairs =
                    List(8) {
                        createTask {
                            repeat(Soak.of(20_000) / 8) {
                                val conversation = createTask { converse(server, opened) }
                                if (random.nextBoolean()) cancelSoon(conversation, random)
                                try {
                                    conversation.await()
                                    answered++
                                } catch (_: CancelledException) {
                                    cancelled++
                                }
                            }
                        }
                    }
                pairs.forEach { it.await() }
                answered shouldBeGreaterThan 0
                cancelled shouldBeGreaterThan 0
                answered + cancelled shouldBe Soak.of(20_000) / 8 * 8
                until { accepted.isEmpty() && opened.none { it.isOpen } }
                reports.shouldBeEmpty()
                await(server.close())
            }
        }
    })

private suspend fun converse(
    server: Channel,
    opened: MutableList<Channel>,
) {
    val answer = Recorder()
    val connecting = client { listOf(answer) }.connect(server.localAddress())
    opened.removeAll { !it.isOpen }
    opened += connecting.channel()
    try {
        await(connecting)
        await(connecting.channel().writeAndFlush(bytes("hello")))
        until(Duration.ZERO) { answer.byteCount == 5L }
    } finally {
        connecting.channel().close()
    }
}

private suspend fun cancelSoon(
    task: Task<*>,
    random: Random,
) {
    when (random.nextInt(3)) {
        0 -> repeat(random.nextInt(10)) { sleep(Duration.ZERO) }
        else -> sleep(random.nextInt(300).microseconds)
    }
    task.cancel()
}
