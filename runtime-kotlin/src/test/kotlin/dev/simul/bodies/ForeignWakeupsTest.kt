package dev.simul.bodies

import dev.simul.coroutine
import dev.simul.createFuture
import dev.simul.createTask
import dev.simul.loop.getRunningLoop
import dev.simul.streams.Streams
import dev.simul.streams.openConnection
import dev.simul.streams.startServer
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import java.net.InetSocketAddress
import java.util.concurrent.LinkedBlockingQueue
import kotlin.concurrent.thread
import dev.simul.run as runLoop

/** Sockets and other threads wake a loop at the same time. It has no timers, so that a wake-up which is lost leaves it asleep for good. */
class ForeignWakeupsTest :
    FunSpec({
        for (carrier in carriersHere) {
            test("no wake-up is lost where sockets and other threads meet, on $carrier") {
                val wanted = LinkedBlockingQueue<() -> Unit>()
                val wakers = List(2) { thread(isDaemon = true) { while (true) wanted.take()() } }
                try {
                    exchange(carrier, bodies = 32, rounds = 50, wanted) shouldBe 32 * 50
                } finally {
                    wakers.forEach { wanted.put { throw InterruptedException() } }
                }
            }
        }
    })

/** Has each body, in each round, wait for another thread and then for an echo. Returns how many rounds came to their end. */
private fun exchange(
    carrier: Carrier,
    bodies: Int,
    rounds: Int,
    wanted: LinkedBlockingQueue<() -> Unit>,
): Int {
    val loop = newLoopOn(carrier)
    var ended = 0
    return runLoop(loopFactory = { loop }) {
        val server =
            startServer("127.0.0.1", 0) { reader, writer ->
                while (true) writer.write(reader.read(10).takeIf { it.isNotEmpty() } ?: break)
                writer.aclose()
            }
        val port = (server.addresses.first() as InetSocketAddress).port

        fun connect() = awaitInBody(coroutine { openConnection("127.0.0.1", port) })
        val tasks =
            List(bodies) {
                createTask(
                    bodyOf {
                        var connection = connect()
                        repeat(rounds) { round ->
                            val fromAnotherThread = getRunningLoop().createFuture<Int>()
                            wanted.put { loop.callSoonThreadsafe { fromAnotherThread.complete(round) } }
                            echo(connection, awaitInBody(fromAnotherThread).toByte()) shouldBe round
                            ended++
                            if (round % 10 == 9) {
                                awaitInBody(coroutine { connection.writer.aclose() })
                                connection = connect()
                            }
                        }
                        awaitInBody(coroutine { connection.writer.aclose() })
                    },
                )
            }
        tasks.forEach { it.await() }
        server.aclose()
        ended
    }
}

private fun echo(
    connection: Streams,
    byte: Byte,
): Int =
    awaitInBody(
        coroutine {
            connection.writer.write(byteArrayOf(byte))
            connection.reader.readexactly(1)[0].toInt()
        },
    )
