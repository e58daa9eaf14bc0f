// SPDX-License-Identifier: Apache-2.0
package dev.simul.tls

import dev.simul.net.until
import dev.simul.transports.drop
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.nulls.shouldBeNull
import io.kotest.matchers.nulls.shouldNotBeNull
import io.kotest.matchers.shouldBe
import java.nio.ByteBuffer
import javax.net.ssl.SSLHandshakeException
import kotlin.random.Random

/** What a client says first that is looking for [host]. */
internal fun helloTo(host: String?): ByteArray {
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
        test("the name is a host's, of up to 253 characters, in labels of up to 63") {
            fun hostName(name: String): String? {
                // A name of any kind in the place of one of the same length.
                val hello = helloTo("a".repeat(63).let { "$it.$it.$it.$it" }.takeLast(name.length)).toString(Charsets.ISO_8859_1)
                val placeholder = "a".repeat(63).let { "$it.$it.$it.$it" }.takeLast(name.length)
                return ClientHello.peek(ByteBuffer.wrap(hello.replace(placeholder, name).toByteArray(Charsets.ISO_8859_1)))!!.hostName()
            }
            val label = "b".repeat(63)
            for (good in listOf(
                "EXAMPLE.org",
                "xn--bcher-kva.example",
                "my_host.a-b.c1",
                "127.0.0.1",
                "$label.org",
                "$label.$label.$label.${"b".repeat(61)}",
            )) {
                hostName(good) shouldBe good
            }
            for (bad in listOf(
                "example.org.",
                "a b.org",
                "a\r\nb.org",
                "b\u00fccher.example",
                "b$label.org",
                "$label.$label.$label.${"b".repeat(62)}",
            )) {
                shouldThrow<SSLHandshakeException> { hostName(bad) }
            }
            shouldThrow<SSLHandshakeException> { hostName("a\u001b[2J\n\u00fc.org") }.message shouldBe
                "the client asks for a server whose name is not a host name: \"a\\x1b[2J\\x0a\\xfc.org\""
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
