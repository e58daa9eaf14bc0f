// SPDX-License-Identifier: Apache-2.0
package dev.simul.transports

import dev.simul.loop.EventLoop
import dev.simul.loop.getRunningLoop
import dev.simul.loopTest
import dev.simul.net.SocketPair
import dev.simul.net.createTransport
import dev.simul.net.onLoop
import dev.simul.streams.StreamReader
import dev.simul.streams.StreamReaderProtocol
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import io.kotest.matchers.types.shouldBeSameInstanceAs
import io.kotest.matchers.types.shouldNotBeSameInstanceAs
import java.io.IOException
import java.nio.ByteBuffer

class BufferPoolTest :
    FunSpec({
        fun withPool(block: (BufferPool) -> Unit) = EventLoop().use { block(BufferPool[it]) }

        test("a buffer that is taken is nobody else's until it is given back") {
            withPool { pool ->
                val first = pool.take()
                val second = pool.take()
                first shouldNotBeSameInstanceAs second
                pool.give(first)
                pool.use { it shouldBeSameInstanceAs first }
                pool.use { outer ->
                    outer shouldBeSameInstanceAs first
                    pool.use { it shouldNotBeSameInstanceAs outer }
                }
            }
        }

        test("what is borrowed is the borrower's until the lending is over, whatever else runs") {
            withPool { pool ->
                lateinit var borrowed: ByteBuffer
                pool.lending {
                    borrowed = pool.borrow()
                    pool.use { it shouldNotBeSameInstanceAs borrowed }
                    pool.borrow() shouldNotBeSameInstanceAs borrowed
                    pool.lending {
                        pool.borrow() shouldNotBeSameInstanceAs borrowed
                        pool.use { it shouldNotBeSameInstanceAs borrowed }
                    }
                    pool.take() shouldNotBeSameInstanceAs borrowed
                }
                pool.use { it shouldBeSameInstanceAs borrowed }
            }
        }

        test("it is given back also if what is received fails, and once") {
            withPool { pool ->
                lateinit var borrowed: ByteBuffer
                shouldThrow<IOException> {
                    pool.lending {
                        borrowed = pool.borrow()
                        throw IOException("received in vain")
                    }
                }
                pool.take() shouldBeSameInstanceAs borrowed
                pool.take() shouldNotBeSameInstanceAs borrowed
            }
        }

        test("without a lending, who borrows has a buffer of his own") {
            withPool { pool ->
                pool.lending { }
                val borrowed = pool.borrow()
                pool.use { it shouldNotBeSameInstanceAs borrowed }
                pool.borrow() shouldNotBeSameInstanceAs borrowed
            }
        }

        loopTest("two readers that are filled at the same time, by a transport that knows nothing of it, do not mix their bytes") {
            val readers = List(2) { StreamReader() }
            val protocols = readers.map { StreamReaderProtocol(it) }
            val buffers = protocols.map { it.getBuffer(-1) }
            buffers.forEachIndexed { index, it -> it.put("reader $index\n".encodeToByteArray()) }
            protocols.forEach { it.bufferUpdated(9) }
            readers.map { it.readline().decodeToString() } shouldBe listOf("reader 0\n", "reader 1\n")
        }

        test("a reader keeps the bytes that come while others receive and send in between") {
            onLoop { loop ->
                SocketPair().use { pair ->
                    val reader = StreamReader()
                    val streams = StreamReaderProtocol(reader)
                    val protocol =
                        object : BufferedProtocol {
                            override fun connectionMade(transport: Transport) = streams.connectionMade(transport)

                            override fun getBuffer(sizeHint: Int): ByteBuffer = streams.getBuffer(sizeHint)

                            override fun bufferUpdated(count: Int) {
                                // What any callback may do with the loop's buffers.
                                val pool = BufferPool[getRunningLoop()]
                                pool.use { other -> repeat(other.capacity()) { other.put('x'.code.toByte()) } }
                                pool.lending { pool.borrow().put("other".encodeToByteArray()) }
                                streams.bufferUpdated(count)
                            }

                            override fun eofReceived() = streams.eofReceived()

                            override fun connectionLost(exception: Throwable?) = streams.connectionLost(exception)
                        }
                    val (transport) = loop.createTransport(pair.near, protocol, null)
                    pair.send("one\n")
                    reader.readline().decodeToString() shouldBe "one\n"
                    pair.send("two\n")
                    reader.readline().decodeToString() shouldBe "two\n"
                    transport.abort()
                }
            }
        }
    })
