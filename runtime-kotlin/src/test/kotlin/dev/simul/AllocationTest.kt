// SPDX-License-Identifier: Apache-2.0
package dev.simul

import dev.simul.house.Allocation
import dev.simul.loop.getRunningLoop
import dev.simul.net.Server
import dev.simul.net.createServer
import dev.simul.queues.Queue
import dev.simul.streams.openConnection
import dev.simul.streams.startServer
import dev.simul.transports.Protocol
import dev.simul.transports.Transport
import io.kotest.core.spec.style.FunSpec
import java.net.InetSocketAddress
import java.nio.ByteBuffer
import kotlin.time.Duration.Companion.ZERO
import dev.simul.run as runLoop

class AllocationTest :
    FunSpec({
        for (allocation in allocations) {
            test("${allocation.what} allocates no more than it did, and a tenth") {
                allocation.check {
                    val said = Child(Allocations::class.java.name, allocation.what, listOf("-XX:TieredStopAtLevel=4")).use { it.rest() }
                    said[0].toDouble() to said[1].toDouble()
                }
            }
        }
    })

/** Measures one of them, in a JVM where nothing else has taught the compilers. */
internal object Allocations {
    @JvmStatic
    fun main(args: Array<String>) {
        val (plain, planted) = allocations.single { it.what == args[0] }.measure()
        println(plain)
        println(planted)
    }
}

private val allocations =
    listOf(
        Allocation(0, "a yield", 10_000) { operations, each ->
            runLoop {
                repeat(operations) {
                    each()
                    sleep(ZERO)
                }
            }
        },
        Allocation(128, "creating and awaiting a task", 10_000) { operations, each ->
            runLoop {
                repeat(operations) {
                    each()
                    createTask { 1 }.await()
                }
            }
        },
        Allocation(112, "an item of a queue", 10_000) { operations, each ->
            runLoop {
                val queue = Queue<Int>(1)
                val producer = createTask { repeat(operations) { queue.put(it) } }
                repeat(operations) {
                    each()
                    queue.get()
                }
                producer.await()
            }
        },
        Allocation(136, "a message that a protocol echoes", 2_000) { operations, each ->
            runLoop { echo(getRunningLoop().createServer("127.0.0.1", 0) { Echo() }, operations, each) }
        },
        Allocation(312, "a message that streams echo", 2_000) { operations, each ->
            runLoop { echo(echoingStreams(), operations, each) }
        },
    )

private class Echo : Protocol {
    private lateinit var transport: Transport

    override fun connectionMade(transport: Transport) {
        this.transport = transport
    }

    override fun dataReceived(data: ByteBuffer) = transport.write(data)
}

private suspend fun echoingStreams(): Server =
    startServer("127.0.0.1", 0) { reader, writer ->
        val buffer = ByteBuffer.allocateDirect(MESSAGE)
        while (reader.read(buffer) >= 0) {
            writer.write(buffer.flip())
            writer.drain()
            buffer.clear()
        }
        writer.close()
    }

/** Sends [messages] to [server] and back, one at a time, by streams in the same loop: what these allocate counts, too. */
private suspend fun echo(
    server: Server,
    messages: Int,
    each: () -> Unit,
) {
    val (reader, writer) = openConnection("127.0.0.1", (server.addresses.single() as InetSocketAddress).port)
    val message = ByteBuffer.allocateDirect(MESSAGE)
    repeat(messages) {
        each()
        writer.write(message)
        message.clear()
        while (message.hasRemaining()) reader.read(message)
        message.clear()
    }
    writer.close()
    server.aclose()
}

private const val MESSAGE = 1024
