// SPDX-License-Identifier: Apache-2.0
package dev.simul.http.soak

import dev.simul.createTask
import dev.simul.exceptions.TimeoutException
import dev.simul.http.BodyWriter
import dev.simul.http.ClientResponse
import dev.simul.http.Headers
import dev.simul.http.HttpConnector
import dev.simul.http.HttpConnectorOptions
import dev.simul.http.HttpRoute
import dev.simul.http.RequestBody
import dev.simul.http.RequestHead
import dev.simul.http.RequestOptions
import dev.simul.loop.EventLoop
import dev.simul.sleep
import dev.simul.streams.StreamReader
import dev.simul.streams.StreamWriter
import dev.simul.streams.openConnection
import dev.simul.sync.Barrier
import dev.simul.sync.Semaphore
import dev.simul.taskGroup
import dev.simul.waitFor
import kotlinx.coroutines.CancellationException
import java.io.IOException
import java.net.SocketTimeoutException
import java.nio.ByteBuffer
import java.util.TreeMap
import kotlin.random.Random
import kotlin.time.Duration.Companion.microseconds
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.seconds

/**
 * The clients of the soak. Each makes its requests one after the other; most are in order and must get the right answer, others are
 * cancelled, ask a server to misbehave, or misbehave themselves. What must not happen is [wrong].
 */
internal class SoakClient(
    private val loop: EventLoop,
    private val plan: SoakPlan,
    private val ports: List<Int>,
) {
    private val connector =
        HttpConnector(
            loop,
            HttpConnectorOptions(limit = plan.connections, keepaliveTimeout = plan.patience, expectContinueTimeout = 50.milliseconds),
        )
    private val good = HttpRoute(SoakServer.HOST, ports[0])
    private val crowded = HttpRoute(SoakServer.HOST, ports[1])
    private val rude = HttpRoute(SoakServer.HOST, ports[2])
    private val opening = Semaphore(500)
    private val allOpen = Barrier(plan.connections)

    /** How often each thing happened. */
    val outcomes = TreeMap<String, Int>()
    val wrong = ArrayList<String>()
    var most = 0
        private set
    private var wasHeldUp = false

    /** Makes all requests, and closes the connector. */
    suspend fun run() {
        val watch = loop.createTask { watch() }
        taskGroup { group -> repeat(plan.connections) { number -> group.createTask { requests(number) } } }
        watch.cancel()
        connector.close()
        connector.waitClosed()
        if (connector.size > 0) wrong += "$connector is closed, and not empty"
    }

    /** Sees whether this process is held up for so long that its servers give up clients that could not be quicker. */
    private suspend fun watch() {
        while (true) {
            val began = loop.time()
            sleep(10.milliseconds)
            if (loop.time() - began > plan.patience / 4) wasHeldUp = true
        }
    }

    private suspend fun requests(number: Int) {
        val random = Random(plan.seed * 1_000_003 + number)
        count("right", random, ::first)
        repeat(plan.requests / plan.connections - 1) { exchange(random) }
    }

    /** Keeps its connection until all have one. */
    private suspend fun first(random: Random): String? {
        val ask = Ask("plain", random.nextInt(1000), 100)
        val response = opening.use { ask(ask) }
        allOpen.wait()
        most = maxOf(most, connector.size)
        expect(ask, response)
        return null
    }

    private suspend fun exchange(random: Random) =
        when (random.nextInt(1000)) {
            in 0 until 700 -> count("right", random, proper.random(random))
            in 700 until 850 -> count("cancelled", random) { cancelled(it) }
            in 850 until 920 -> awkward.random(random).let { (name, ask) -> count(name, random, ask) }
            in 920 until 960 -> RUDE.random(random).let { kind -> count("rude server: $kind", random) { rude(kind, it) } }
            in 960 until 990 -> raw.random(random).let { (name, say) -> count(name, random) { say(it) } }
            else -> count("crowded", random, ::crowded)
        }

    /** Counts what [exchange] comes to. */
    private suspend fun count(
        name: String,
        random: Random,
        exchange: suspend (Random) -> String?,
    ) {
        val outcome =
            try {
                waitFor(plan.hang) { exchange(random) } ?: name
            } catch (e: TimeoutException) {
                if (wasHeldUp) HELD_UP else wrong(name, "it hangs", e)
            } catch (e: CancellationException) {
                throw e
            } catch (e: Exception) {
                if (wasHeldUp && e is IOException) HELD_UP else wrong(name, "it fails", e)
            }
        outcomes.merge(outcome, 1, Int::plus)
    }

    private fun wrong(
        name: String,
        what: String,
        e: Throwable,
    ): String {
        if (wrong.size < 20) wrong += "$name: $what: ${e.stackTraceToString().lines().take(LINES).joinToString("\n")}"
        return "wrong"
    }

    private suspend fun ask(
        ask: Ask,
        method: String = "GET",
        body: RequestBody = RequestBody.EMPTY,
        route: HttpRoute = good,
        vararg fields: Pair<String, String>,
    ): ClientResponse = connector.request(route, ask.head(method, *fields), body)

    /** Reads the answer; it is complete and must be right, if it is not an exception. */
    private suspend fun expect(
        ask: Ask,
        response: ClientResponse,
        content: ByteBuffer = ask.content,
    ) {
        val body = ByteBuffer.wrap(response.body.read())
        checkStatus(ask, response)
        check(body == content) { "${ask.target} has got ${body.remaining()} bytes that are not right" }
    }

    private fun checkStatus(
        ask: Ask,
        response: ClientResponse,
    ) {
        if (response.head.status == 408) throw IOException("${ask.target} has taken too long")
        check(response.head.status == 200) { "${ask.target} was answered with ${response.head}" }
    }

    // In order.

    private suspend fun plain(random: Random): String? = get("plain", random)

    private suspend fun get(
        kind: String,
        random: Random,
    ): String? {
        val ask = Ask.random(kind, random)
        val response = ask(ask)
        expect(ask, response)
        if (kind == "chunks") check(response.body.trailers["X-End"] == "${ask.size}") { "the trailers are ${response.body.trailers}" }
        return null
    }

    /** A request that must not be repeated is lost if the server closes the connection just then; before it answers, and only then. */
    private suspend fun post(block: suspend () -> Unit): String? =
        try {
            block()
            null
        } catch (_: IOException) {
            "lost with a kept connection"
        }

    private suspend fun take(
        random: Random,
        isChunked: Boolean,
        isSlow: Boolean,
        vararg fields: Pair<String, String>,
    ): String? =
        post {
            val ask = Ask.random("take", random)
            val response = ask(ask, "POST", Streamed(ask, isChunked, isSlow), good, *fields)
            checkStatus(ask, response)
            check(
                response.head.headers["X-Trailer"] == if (isChunked) "yes" else "none",
            ) { "the trailers have arrived as ${response.head.headers}" }
            response.body.read()
        }

    private suspend fun echo(random: Random): String? =
        post {
            val ask = Ask.random("echo", random)
            expect(
                ask,
                ask(ask, "POST", if (random.nextBoolean()) RequestBody.of(ask.content) else Streamed(ask, random.nextBoolean(), false)),
            )
        }

    private suspend fun head(random: Random): String? {
        val ask = Ask.random("plain", random)
        expect(ask, ask(ask, "HEAD"), ByteBuffer.allocate(0))
        return null
    }

    private val proper: List<suspend (Random) -> String?> =
        List(12) { ::plain } +
            listOf(
                ::head,
                ::echo,
                { get("late", it) },
                { get("last", it) },
                { get("chunks", it) },
                { get("slow", it) },
                { take(it, isChunked = false, isSlow = false) },
                { take(it, isChunked = true, isSlow = false) },
                { take(it, isChunked = true, isSlow = true) },
                { take(it, isChunked = false, isSlow = false, "Expect" to "100-continue") },
            )

    /** A body that is written piece by piece. */
    private class Streamed(
        private val ask: Ask,
        private val isChunked: Boolean,
        private val isSlow: Boolean,
        private val fails: Boolean = false,
    ) : RequestBody() {
        override val length: Long? get() = if (isChunked) null else ask.size.toLong()

        override suspend fun writeTo(writer: BodyWriter) {
            val random = Random(ask.start)
            inPieces(ask.content, random, { if (isSlow) sleep(random.nextInt(3).milliseconds) }) {
                if (fails && random.nextInt(4) == 0) throw IOException("this body fails")
                writer.write(it)
            }
            if (fails) throw IOException("this body fails")
        }

        override fun trailers() = Headers.of("X-End" to "yes")
    }

    // Cancelled.

    private suspend fun cancelled(random: Random): String? {
        val kind = listOf("plain", "late", "slow", "chunks", "take", "echo", "hold", "crowded").random(random)
        val request =
            loop.createTask {
                try {
                    when (kind) {
                        "take" -> take(random, random.nextBoolean(), isSlow = true)
                        "echo" -> echo(random)
                        "hold" -> ask(Ask("hold", 0, 0)).body.read()
                        "crowded" -> crowded(random)
                        else -> get(kind, random)
                    }
                } catch (e: IOException) {
                    if (kind != "hold") throw e
                }
                Unit
            }
        when (random.nextInt(3)) {
            0 -> repeat(random.nextInt(12)) { sleep(0.seconds) }
            1 -> sleep(random.nextInt(2_000).microseconds)
            else -> sleep(random.nextInt(20).milliseconds)
        }
        val wasInTime = request.cancel()
        try {
            request.await()
        } catch (e: CancellationException) {
            if (!wasInTime) throw e
            return null
        }
        return "done before it was cancelled"
    }

    // Awkward: the client is in order as far as HTTP goes, and does not do what servers hope for; or a server does so.

    private suspend fun failing(
        kind: String,
        random: Random,
    ): String? {
        try {
            get(kind, random)
        } catch (_: IOException) {
            return null
        }
        error("an answer that is cut off passes for a complete one: $kind")
    }

    private suspend fun abandoned(random: Random): String? {
        val ask = Ask("plain", 0, SoakPlan.LARGE)
        ask(ask).use { response ->
            val some = ByteBuffer.allocate(1000)
            response.body.read(some)
            check(some.flip() == ask.content.limit(some.limit())) { "the beginning of an answer is not right" }
            if (random.nextInt(8) == 0) sleep(random.nextInt(50).milliseconds)
        }
        return null
    }

    private suspend fun pausing(random: Random): String? {
        val ask = Ask("plain", random.nextInt(1000), SoakPlan.LARGE)
        val response = ask(ask)
        sleep(random.nextInt(50).milliseconds)
        expect(ask, response)
        return null
    }

    private suspend fun failingBody(random: Random): String? {
        val ask = Ask.random("take", random)
        try {
            ask(ask, "PUT", Streamed(ask, isChunked = true, isSlow = random.nextBoolean(), fails = true))
        } catch (_: IOException) {
            return null
        }
        error("a request is answered whose body failed")
    }

    private suspend fun unwanted(random: Random): String? =
        post {
            val ask = Ask("plain", random.nextInt(1000), 100_000)
            expect(ask, ask(ask, "POST", Streamed(ask, random.nextBoolean(), isSlow = true)))
        }

    private suspend fun impatient(): String? {
        val ask = Ask("hold", 0, 0)
        try {
            connector.request(good, ask.head("GET"), RequestBody.EMPTY, RequestOptions(socketTimeout = 20.milliseconds))
        } catch (_: SocketTimeoutException) {
            return null
        }
        error("what is never answered is answered")
    }

    private suspend fun old(random: Random): String? {
        val ask = Ask.random("chunks", random)
        val response =
            connector.request(
                good,
                RequestHead("GET", ask.target, Headers.of("Host" to "x"), dev.simul.http.HttpVersion.HTTP_1_0),
            )
        expect(ask, response)
        return null
    }

    private suspend fun failed(random: Random): String? {
        val ask = Ask.random("fail", random)
        val response = ask(ask)
        check(response.head.status == 500) { "a handler that fails answers with ${response.head}" }
        response.body.read()
        return null
    }

    private val awkward: List<Pair<String, suspend (Random) -> String?>> =
        listOf(
            "cut off" to { failing("short", it) },
            "cut off" to { failing("short-chunks", it) },
            "reset by the server" to { failing("reset", it) },
            "left in the middle" to ::abandoned,
            "reads after a while" to ::pausing,
            "body fails" to ::failingBody,
            "body unwanted" to ::unwanted,
            "impatient" to { impatient() },
            "HTTP/1.0" to ::old,
            "handler fails" to ::failed,
        )

    // Servers that are rude or crowded.

    private suspend fun rude(
        kind: String,
        random: Random,
    ): String? {
        val ask =
            if (kind == "deaf") {
                Ask(
                    kind,
                    0,
                    SoakPlan.LARGE,
                )
            } else {
                Ask.random(kind, random).let { Ask(kind, it.start, it.size % (if (kind == "drip") 100 else 2000) + 2) }
            }
        val limit = RequestOptions(socketTimeout = if (kind == "deaf" || kind == "mute") 50.milliseconds else plan.hang)
        val method = if (kind == "deaf") "PUT" else "GET"
        val body = if (kind == "deaf") RequestBody.of(Pattern.view(0, SoakPlan.LARGE)) else RequestBody.EMPTY
        try {
            expect(ask, connector.request(rude, ask.head(method), body, limit))
        } catch (e: IOException) {
            check(kind !in COMPLETE) { "a complete answer is lost, of the server that does '$kind': ${e.stackTraceToString()}" }
            if (kind == "deaf" || kind == "mute") check(e is SocketTimeoutException) { "$kind: $e" }
            return null
        }
        check(kind in COMPLETE || kind == "bye-reset") { "an answer that is cut off passes for a complete one: '$kind'" }
        return null
    }

    private suspend fun crowded(random: Random): String? {
        val ask = Ask.random("late", random)
        val response = ask(ask, route = crowded)
        if (response.head.status != 503) return null.also { expect(ask, response) }
        response.body.read()
        return "turned away"
    }

    // By hand.

    private suspend fun <R> raw(block: suspend (StreamReader, StreamWriter) -> R): R {
        val (reader, writer) = openConnection(SoakServer.HOST, ports[0])
        try {
            return block(reader, writer)
        } finally {
            writer.close()
        }
    }

    /** All that comes; a server that ends the connection without a word has given up a client that was held up. */
    private suspend fun StreamReader.answer(): ByteArray = read().also { if (it.isEmpty()) throw IOException("there is no answer") }

    private fun Ask.text(
        method: String = "GET",
        vararg fields: String,
    ) = "$method $target HTTP/1.1\r\nHost: x\r\n${fields.joinToString("") { "$it\r\n" }}\r\n".toByteArray()

    private fun expect(
        answer: ByteArray,
        ask: Ask,
    ) {
        val content = ByteBuffer.wrap(answer, maxOf(0, answer.size - ask.size), minOf(answer.size, ask.size))
        check(content == ask.content) { "${answer.size} bytes that do not answer ${ask.target}: ${answer.decodeToString().take(100)}" }
    }

    private fun expect(
        answer: ByteArray,
        status: Int,
    ) = check(answer.decodeToString().startsWith("HTTP/1.1 $status ")) { "'${answer.decodeToString()}' is not $status" }

    private suspend fun bytewise(random: Random): String? =
        raw { reader, writer ->
            val ask = Ask.random("plain", random)
            try {
                for (byte in ask.text("GET", "Connection: close")) {
                    writer.write(byteArrayOf(byte))
                    sleep(0.seconds)
                }
                val answer = reader.answer()
                if (answer.decodeToString().startsWith("HTTP/1.1 408 ")) return@raw "too slow"
                expect(answer, ask)
                null
            } catch (_: IOException) {
                "too slow"
            }
        }

    private suspend fun halfClosed(random: Random): String? =
        raw { reader, writer ->
            val ask = Ask.random("late", random)
            writer.write(ask.text())
            writer.writeEof()
            expect(reader.answer(), ask)
            null
        }

    private suspend fun pipelined(random: Random): String? =
        raw { reader, writer ->
            val first = Ask.random("late", random)
            val last = Ask.random("plain", random)
            writer.write(first.text() + first.text() + last.text("GET", "Connection: close"))
            val answer = reader.answer()
            expect(answer, last)
            check(answer.decodeToString().split("HTTP/1.1 200 ").size == 4) { "two answers are missing" }
            null
        }

    private suspend fun reset(
        random: Random,
        vararg said: ByteArray,
    ): String? =
        raw { reader, writer ->
            for (piece in said) writer.write(piece)
            if (random.nextBoolean()) sleep(random.nextInt(3).milliseconds)
            if (random.nextInt(4) == 0 && said.isNotEmpty()) reader.read(10)
            writer.reset()
            null
        }

    /** Does not go on; the server gives up, and says so by [status] or by closing. */
    private suspend fun stalled(
        said: ByteArray,
        status: Int?,
    ): String? =
        raw { reader, writer ->
            writer.write(said)
            val answer = if (status == null) reader.read() else reader.answer()
            if (status == null) check(answer.isEmpty()) { answer.decodeToString() } else expect(answer, status)
            null
        }

    private suspend fun deaf(): String? =
        raw { reader, writer ->
            writer.write(Ask("flood", 0, 0).text())
            writer.transport.pauseReading()
            sleep(plan.patience * 3)
            writer.transport.resumeReading()
            val buffer = ByteBuffer.allocate(100_000)
            try {
                var size = 0L
                while (reader.read(buffer.clear()) >= 0) size += buffer.position()
                check(size < 100L * SoakPlan.LARGE) { "a client that does not read gets everything" }
            } catch (_: IOException) {
                // It was reset.
            }
            null
        }

    private suspend fun ended(
        said: ByteArray,
        vararg statuses: Int,
    ): String? =
        raw { reader, writer ->
            writer.write(said)
            writer.writeEof()
            val answer = reader.answer().decodeToString()
            check(statuses.any { answer.startsWith("HTTP/1.1 $it ") }) { "'$answer' is none of ${statuses.toList()}" }
            null
        }

    private val raw: List<Pair<String, suspend (Random) -> String?>> =
        List(3) { "byte by byte" to ::bytewise } +
            List(3) { "half-closed" to ::halfClosed } +
            List(3) { "pipelined" to ::pipelined } +
            listOf(
                "reset" to { reset(it) },
                "reset" to { reset(it, Ask("plain", 0, 10).text().copyOf(10)) },
                "reset" to { reset(it, Ask("plain", 0, 10).text()) },
                "reset" to { reset(it, Ask("plain", 0, SoakPlan.LARGE).text()) },
                "reset" to { it ->
                    raw {
                        _,
                        writer,
                        ->
                        null.also { _ ->
                            writer.write(Ask("hold", 0, 0).text())
                            sleep(it.nextInt(5).milliseconds)
                            writer.reset()
                        }
                    }
                },
                "reset" to {
                    raw {
                        _,
                        writer,
                        ->
                        null.also {
                            writer.write(Ask("take", 0, 0).text("POST", "Content-Length: 1000") + ByteArray(500))
                            writer.reset()
                        }
                    }
                },
                "malformed" to { stalled("Hello\r\n\r\n".toByteArray(), 400) },
                "malformed" to { stalled("GET / HTTP/1.1\nHost: x\n\n".toByteArray(), 400) },
                "ended in the middle" to { ended("GET /plain/0/0 HT".toByteArray(), 400) },
                "ended in the middle" to { ended(Ask("take", 0, 0).text("POST", "Content-Length: 1000") + ByteArray(500), 400) },
                "ended in the middle" to { ended(Ask("echo", 0, 0).text("POST", "Content-Length: 1000") + ByteArray(500), 200) },
                "slow client" to { if (it.nextInt(4) == 0) stalled(ByteArray(0), null) else null },
                "slow client" to { if (it.nextInt(4) == 0) stalled("GET /plain/0/0 HT".toByteArray(), 408) else null },
                "slow client" to {
                    if (it.nextInt(4) == 0) stalled(Ask("take", 0, 0).text("POST", "Content-Length: 1000") + ByteArray(500), 408) else null
                },
                "deaf client" to { if (it.nextInt(8) == 0) deaf() else null },
            )

    override fun toString(): String = "<SoakClient with $connector>"

    private companion object {
        const val HELD_UP = "held up"

        /** Of a stack trace. */
        const val LINES = 12

        /** What a rude server does. */
        val RUDE =
            listOf("bye", "bye-reset", "reset-middle", "middle", "nothing", "garbage", "twice", "until-end", "drip", "deaf", "mute")

        /** Of that, what it does after a complete answer. */
        val COMPLETE = setOf("bye", "twice", "until-end", "drip")
    }
}
