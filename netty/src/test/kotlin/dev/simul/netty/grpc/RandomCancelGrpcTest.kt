// SPDX-License-Identifier: Apache-2.0
package dev.simul.netty.grpc

import dev.simul.Task
import dev.simul.createTask
import dev.simul.exceptions.CancelledException
import dev.simul.house.Soak
import dev.simul.netty.until
import dev.simul.sleep
import dev.simul.testing.CancelOptions
import dev.simul.testing.checkCancelSafe
import io.grpc.CallOptions
import io.grpc.ManagedChannel
import io.grpc.Server
import io.grpc.Status
import io.grpc.StatusRuntimeException
import io.kotest.core.spec.style.FunSpec
import io.kotest.core.spec.style.scopes.FunSpecContainerScope
import io.kotest.matchers.ints.shouldBeGreaterThan
import io.kotest.matchers.shouldBe
import kotlinx.coroutines.flow.asFlow
import kotlinx.coroutines.flow.flow
import kotlinx.coroutines.flow.toList
import java.util.concurrent.TimeUnit.MICROSECONDS
import kotlin.random.Random
import kotlin.time.Duration.Companion.ZERO
import kotlin.time.Duration.Companion.microseconds
import kotlin.time.Duration.Companion.seconds

class RandomCancelGrpcTest :
    FunSpec({
        withEnds { ends -> tests(ends) }

        test("a call of each kind is cancelled in each of its turns, and leaves nothing") {
            for (kind in 0..3) {
                lateinit var handlers: Answering
                checkCancelSafe<Pair<Server, ManagedChannel>>(
                    setUp = {
                        handlers = Answering()
                        val server = Ends.ON_THE_LOOP.start(handlers.service)
                        server to Ends.ON_THE_LOOP.channel(server).also { callEach(it, kind) }
                    },
                    check = { (server, channel) ->
                        until { handlers.underWay == 0 }
                        channel.close()
                        server.stop()
                    },
                    options = CancelOptions(virtualTime = false, settle = 5.seconds),
                ) { (_, channel) -> callEach(channel, kind) shouldBe "WORDS" }
            }
        }
    })

/** Calls under way in the handlers. */
private class Answering {
    var underWay = 0

    val service
        get() =
            Words.service(
                Words.SHOUT to unaryUnaryHandler { request, _ -> counted { request.uppercase() } },
                Words.SPELL to unaryStreamHandler { request, _ -> flow { counted { request.forEach { emit("$it") } } } },
                Words.JOIN to streamUnaryHandler { requests, _ -> counted { requests.toList().joinToString("") } },
                Words.CHAT to streamStreamHandler { requests, _ -> flow { counted { requests.collect { emit(it.uppercase()) } } } },
            )

    private suspend fun <T> counted(block: suspend () -> T): T {
        underWay++
        try {
            sleep(ZERO)
            return block()
        } finally {
            underWay--
        }
    }
}

private suspend fun callEach(
    channel: ManagedChannel,
    kind: Int,
    options: CallOptions = CallOptions.DEFAULT,
): String =
    when (kind) {
        0 -> channel.unaryUnary(Words.SHOUT, "words", options)
        1 -> channel.unaryStream(Words.SPELL, "WORDS", options).toList().joinToString("")
        2 -> channel.streamUnary(Words.JOIN, listOf("WO", "RDS").asFlow(), options)
        else -> channel.streamStream(Words.CHAT, listOf("wo", "rds").asFlow(), options).toList().joinToString("")
    }

private suspend fun FunSpecContainerScope.tests(ends: Ends) {
    test("ten thousand calls, cancelled at random moments, are answered, failed or cancelled, and leave nothing") {
        val seed = Random.nextLong()
        println("seed $seed")
        val random = Random(seed)
        onCleanLoop {
            val handlers = Answering()
            var answered = 0
            var late = 0
            var cancelled = 0
            ends.serving(handlers.service) { channel ->
                val callers =
                    List(16) {
                        createTask {
                            repeat(Soak.of(100_000) / 16) {
                                val isLate = random.nextInt(4) == 0
                                val options =
                                    if (isLate) {
                                        CallOptions.DEFAULT.withDeadlineAfter(
                                            random.nextLong(3_000),
                                            MICROSECONDS,
                                        )
                                    } else {
                                        CallOptions.DEFAULT
                                    }
                                val call = createTask { callEach(channel, if (random.nextBoolean()) 0 else random.nextInt(4), options) }
                                if (random.nextBoolean()) cancelSoon(call, random)
                                try {
                                    call.await() shouldBe "WORDS"
                                    answered++
                                } catch (_: CancelledException) {
                                    cancelled++
                                } catch (e: StatusRuntimeException) {
                                    if (e.status.code != Status.Code.DEADLINE_EXCEEDED) throw e
                                    late++
                                }
                            }
                        }
                    }
                callers.forEach { it.await() }
                until { handlers.underWay == 0 }
            }
            answered + late + cancelled shouldBe Soak.of(100_000) / 16 * 16
            for (count in listOf(answered, late, cancelled)) count shouldBeGreaterThan 0
        }
    }
}

private suspend fun cancelSoon(
    task: Task<*>,
    random: Random,
) {
    when (random.nextInt(3)) {
        0 -> repeat(random.nextInt(10)) { sleep(ZERO) }
        else -> sleep(random.nextInt(500).microseconds)
    }
    task.cancel()
}
