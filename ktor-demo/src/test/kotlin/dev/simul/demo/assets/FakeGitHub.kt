// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.assets

import com.sun.net.httpserver.HttpExchange
import com.sun.net.httpserver.HttpServer
import kotlinx.serialization.json.addJsonObject
import kotlinx.serialization.json.buildJsonObject
import kotlinx.serialization.json.put
import kotlinx.serialization.json.putJsonArray
import java.io.IOException
import java.net.InetAddress
import java.net.InetSocketAddress
import java.util.Collections
import java.util.concurrent.ConcurrentHashMap
import java.util.concurrent.CountDownLatch
import java.util.concurrent.Executors

/** A server with one release, `v1` of `someone/something`, that misbehaves as tests like it to. */
internal class FakeGitHub : AutoCloseable {
    private val threads = Executors.newCachedThreadPool()
    private val server =
        HttpServer.create(InetSocketAddress(InetAddress.getByName("127.0.0.1"), 0), 0).apply {
            executor = threads
            createContext("/", ::answer)
            start()
        }

    /** What URLs begin with. */
    val address = "http://127.0.0.1:${server.address.port}"

    /** The files of the release. */
    val files = sortedMapOf("large" to pattern(300_000), "small" to pattern(100), "empty" to ByteArray(0))

    /** What the release says of the sizes of files, if that is not true. */
    val claims = HashMap<String, Int>()

    @Volatile
    var version = "\"one\""

    /** Hangs up after that many bytes of any file. */
    @Volatile
    var cutAfter = Int.MAX_VALUE

    /** Is silent after that many bytes of any file, until [goOn]. */
    @Volatile
    var stuckAfter = Int.MAX_VALUE

    private val stuck = CountDownLatch(1)

    /** Where files are, if they are not here. */
    val elsewhere = ConcurrentHashMap<String, String>()

    @Volatile
    var ignoresRanges = false

    /** Sends files without telling their lengths. */
    @Volatile
    var hidesLengths = false

    /** How it answers questions about the release, if it does not know any. */
    @Volatile
    var refusal: Refusal? = null

    /** The files that were asked for, with the ranges. */
    val requests: MutableList<String> = Collections.synchronizedList(ArrayList())

    class Refusal(
        val status: Int,
        val body: String,
        val headers: Map<String, String> = emptyMap(),
    )

    private fun answer(exchange: HttpExchange) {
        try {
            val path = exchange.requestURI.path
            when {
                refusal != null -> refuse(exchange, refusal!!)
                path == "/repos/someone/something/releases/tags/v1" -> describe(exchange)
                path.startsWith("/download/") -> send(exchange, path.removePrefix("/download/"))
                else -> refuse(exchange, Refusal(404, """{"message":"Not Found"}"""))
            }
        } catch (_: IOException) {
            // The client has hung up.
        } catch (_: InterruptedException) {
            // The test is over.
        } finally {
            exchange.close()
        }
    }

    private fun refuse(
        exchange: HttpExchange,
        refusal: Refusal,
    ) {
        for ((name, value) in refusal.headers) exchange.responseHeaders.add(name, value)
        val body = refusal.body.encodeToByteArray()
        exchange.sendResponseHeaders(refusal.status, body.size.toLong())
        exchange.responseBody.write(body)
    }

    private fun describe(exchange: HttpExchange) {
        val release =
            buildJsonObject {
                put("tag_name", "v1")
                putJsonArray("assets") {
                    for ((name, content) in files) {
                        addJsonObject {
                            put("name", name)
                            put("size", claims[name] ?: content.size)
                            put("browser_download_url", elsewhere[name] ?: "$address/download/$name")
                        }
                    }
                }
            }
        refuse(exchange, Refusal(200, "$release"))
    }

    private fun send(
        exchange: HttpExchange,
        name: String,
    ) {
        val content = files.getValue(name)
        val range = exchange.requestHeaders.getFirst("Range")
        requests += listOfNotNull(name, range).joinToString(" ")
        val isSame = exchange.requestHeaders.getFirst("If-Range") == version
        val from = if (range != null && isSame && !ignoresRanges) range.removePrefix("bytes=").removeSuffix("-").toInt() else 0
        val rest = content.copyOfRange(from, content.size)
        exchange.responseHeaders.add("ETag", version)
        if (from > 0) exchange.responseHeaders.add("Content-Range", "bytes $from-${content.size - 1}/${content.size}")
        val length = if (rest.isEmpty()) -1L else rest.size.toLong()
        exchange.sendResponseHeaders(if (from > 0) 206 else 200, if (hidesLengths) 0 else length)
        val first = minOf(rest.size, cutAfter, stuckAfter)
        exchange.responseBody.write(rest, 0, first)
        exchange.responseBody.flush()
        if (rest.size > stuckAfter) stuck.await()
        exchange.responseBody.write(rest, first, minOf(rest.size, cutAfter) - first)
        exchange.responseBody.flush()
    }

    /** Sends the rest of what it is stuck in, and is never stuck again. */
    fun goOn() {
        stuckAfter = Int.MAX_VALUE
        stuck.countDown()
    }

    override fun close() {
        server.stop(0)
        threads.shutdownNow()
    }
}

/** Bytes of a pattern that is not a power of two long, and that depends on [seed]. */
internal fun pattern(
    size: Int,
    seed: Int = 31,
): ByteArray = ByteArray(size) { (it % 251 * seed % 251).toByte() }
