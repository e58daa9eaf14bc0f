package dev.simul.io

import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.nulls.shouldBeNull
import io.kotest.matchers.nulls.shouldNotBeNull
import io.kotest.matchers.shouldBe
import java.nio.ByteBuffer
import kotlin.random.Random

/** What a client says first that is looking for [host]. */
private fun helloTo(host: String?): ByteArray {
    val engine = clientContext().withCheckHostname(false).newClientEngine(host, 443)
    engine.beginHandshake()
    val hello = ByteBuffer.allocate(engine.session.packetBufferSize)
    engine.wrap(ByteBuffer.allocate(0), hello)
    return ByteArray(hello.flip().remaining()).also { hello.get(it) }
}

/** The same message in records of [size] bytes at most. */
private fun ByteArray.inRecordsOf(size: Int): ByteArray =
    drop(5).chunked(size).flatMap { listOf<Byte>(22, 3, 3, (it.size shr 8).toByte(), it.size.toByte()) + it }.toByteArray()

class ClientHelloTest :
    FunSpec({
        test("it names the server") {
            ClientHello.peek(ByteBuffer.wrap(helloTo("example.org")))!!.serverName shouldBe "example.org"
        }
        test("it may name none") {
            ClientHello.peek(ByteBuffer.wrap(helloTo(null))).shouldNotBeNull().serverName.shouldBeNull()
        }
        test("it may come byte by byte, and stays where it is") {
            val hello = helloTo("localhost")
            for (size in 0 until hello.size) ClientHello.peek(ByteBuffer.wrap(hello, 0, size)).shouldBeNull()
            val whole = ByteBuffer.wrap(hello)
            ClientHello.peek(whole)!!.serverName shouldBe "localhost"
            whole.position() shouldBe 0
        }
        test("it may come in many records") {
            for (size in listOf(1, 3, 50, 200)) {
                ClientHello.peek(ByteBuffer.wrap(helloTo("localhost").inRecordsOf(size)))!!.serverName shouldBe "localhost"
            }
        }
        test("something else names no server") {
            ClientHello.peek(ByteBuffer.wrap("GET / HTTP/1.1\r\n\r\n".toByteArray()))!!.serverName.shouldBeNull()
        }
        test("records that hold nothing are no way to say hello") {
            ClientHello.peek(ByteBuffer.wrap(byteArrayOf(22, 3, 3, 0, 0))).shouldNotBeNull().serverName.shouldBeNull()
        }

        test("garbage in it does no harm") {
            val random = Random(1)
            val good = helloTo("localhost")
            repeat(10_000) {
                val hello = good.copyOf()
                repeat(3) { hello[random.nextInt(hello.size)] = random.nextInt().toByte() }
                ClientHello.peek(ByteBuffer.wrap(hello))
            }
        }
    })
