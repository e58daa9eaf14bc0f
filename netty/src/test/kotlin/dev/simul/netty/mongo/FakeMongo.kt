// SPDX-License-Identifier: Apache-2.0
package dev.simul.netty.mongo

import dev.simul.net.Server
import dev.simul.streams.StreamReader
import dev.simul.streams.StreamWriter
import dev.simul.streams.startServer
import dev.simul.sync.Event
import org.bson.BsonArray
import org.bson.BsonBinaryReader
import org.bson.BsonBinaryWriter
import org.bson.BsonBoolean
import org.bson.BsonDateTime
import org.bson.BsonDocument
import org.bson.BsonDouble
import org.bson.BsonInt32
import org.bson.BsonInt64
import org.bson.BsonString
import org.bson.BsonValue
import org.bson.codecs.BsonDocumentCodec
import org.bson.codecs.DecoderContext
import org.bson.codecs.EncoderContext
import org.bson.io.BasicOutputBuffer
import java.io.IOException
import java.net.InetSocketAddress
import java.nio.ByteBuffer
import java.nio.ByteOrder.LITTLE_ENDIAN

/**
 * As much of a MongoDB server as the tests need, on the loop: it greets, and inserts and finds documents, in batches.
 *
 * A find with the filter `{slow: true}` is answered once [mayAnswer] is set.
 */
internal class FakeMongo : AutoCloseable {
    private lateinit var server: Server
    private val collections = HashMap<String, MutableList<BsonDocument>>()
    private val cursors = HashMap<Long, ArrayDeque<BsonDocument>>()
    private var lastCursor = 0L

    /** The names of the commands that have come, but for greetings. */
    val commands = ArrayList<String>()
    val openCursors: Int get() = cursors.size
    var connections = 0
        private set
    val mayAnswer = Event()

    val port: Int get() = (server.addresses.single() as InetSocketAddress).port
    val uri: String get() = "mongodb://127.0.0.1:$port"

    suspend fun start(): FakeMongo {
        server = startServer("127.0.0.1", 0, clientConnected = ::serve)
        return this
    }

    override fun close() {
        mayAnswer.set()
        server.close()
        server.closeClients()
    }

    /** As if the machine had failed. */
    fun abort() {
        server.close()
        server.abortClients()
    }

    private suspend fun serve(
        reader: StreamReader,
        writer: StreamWriter,
    ) {
        connections++
        try {
            while (!reader.atEof()) {
                val header = buffer(reader.readexactly(HEADER))
                val length = header.getInt()
                val request = header.getInt()
                header.getInt()
                val kind = header.getInt()
                writer.write(answer(request, kind, buffer(reader.readexactly(length - HEADER))))
                writer.drain()
            }
        } catch (_: IOException) {
            // The client is gone, or this server.
        } finally {
            connections--
            writer.close()
        }
    }

    private suspend fun answer(
        request: Int,
        kind: Int,
        body: ByteBuffer,
    ): ByteArray =
        when (kind) {
            OP_MSG -> message(OP_MSG, request, perform(command(body))) { it.writeInt32(0).also { _ -> it.writeByte(0) } }
            OP_QUERY -> {
                body.getInt()
                while (body.get() != 0.toByte()) continue
                body.getLong()
                message(OP_REPLY, request, perform(document(body))) {
                    it.writeInt32(8)
                    it.writeInt64(0)
                    it.writeInt32(0)
                    it.writeInt32(1)
                }
            }
            else -> error("the operation $kind is not known here")
        }

    /** A command in sections: its document, and maybe sequences of documents that belong into it. */
    private fun command(body: ByteBuffer): BsonDocument {
        body.getInt()
        var command = BsonDocument()
        val sequences = BsonDocument()
        while (body.hasRemaining()) {
            if (body.get() == 0.toByte()) {
                command = document(body)
            } else {
                val end = body.position() + body.getInt()
                val name = buildString { while (true) append((body.get().toInt().takeIf { it != 0 } ?: break).toChar()) }
                sequences[name] = BsonArray(buildList { while (body.position() < end) add(document(body)) })
            }
        }
        return command.apply { putAll(sequences) }
    }

    private suspend fun perform(command: BsonDocument): BsonDocument {
        val name = command.firstKey
        if (name.lowercase() !in GREETINGS) commands += name
        val collection = collections.getOrPut((command[name] as? BsonString)?.value.orEmpty()) { ArrayList() }
        return when (name) {
            "hello", "isMaster", "ismaster" -> greeting()
            "ping", "endSessions" -> ok()
            "insert" -> {
                val documents = command.getArray("documents").map { it.asDocument() }
                collection += documents
                ok("n" to BsonInt32(documents.size))
            }
            "find" -> {
                if (command.getDocument("filter").containsKey("slow")) mayAnswer.wait()
                find(command, collection)
            }
            "getMore" -> more(command)
            "killCursors" -> {
                val killed = command.getArray("cursors")
                killed.forEach { cursors.remove(it.asInt64().value) }
                ok("cursorsKilled" to killed)
            }
            else -> failed(59, "no such command: '$name'")
        }
    }

    private fun greeting() =
        ok(
            "helloOk" to BsonBoolean.TRUE,
            "isWritablePrimary" to BsonBoolean.TRUE,
            "ismaster" to BsonBoolean.TRUE,
            "maxBsonObjectSize" to BsonInt32(16 * 1024 * 1024),
            "maxMessageSizeBytes" to BsonInt32(48_000_000),
            "maxWriteBatchSize" to BsonInt32(100_000),
            "localTime" to BsonDateTime(0),
            "minWireVersion" to BsonInt32(0),
            "maxWireVersion" to BsonInt32(25),
            "readOnly" to BsonBoolean.FALSE,
        )

    private fun find(
        command: BsonDocument,
        collection: List<BsonDocument>,
    ): BsonDocument {
        val filter = command.getDocument("filter")
        val order = command["sort"]?.asDocument()?.firstKey
        val matching = collection.filter { matches(it, filter) }
        val sorted = if (order == null) matching else matching.sortedBy { it.getString(order).value }
        val found = ArrayDeque(sorted.take(command["limit"]?.asNumber()?.intValue() ?: Int.MAX_VALUE))
        val first = take(found, command["batchSize"]?.asNumber()?.intValue() ?: 101)
        val id = if (found.isEmpty()) 0 else ++lastCursor
        if (id != 0L) cursors[id] = found
        return ok("cursor" to cursor(id, command.firstValue(), "firstBatch", first))
    }

    /** The filter may ask for fields that are equal to something, and for numbers that are greater. */
    private fun matches(
        document: BsonDocument,
        filter: BsonDocument,
    ) = filter.all { (field, wanted) ->
        when {
            field == "slow" -> true
            wanted is BsonDocument -> document.getInt32(field).value > wanted.getInt32("\$gt").value
            else -> document[field] == wanted
        }
    }

    private fun more(command: BsonDocument): BsonDocument {
        val id = command.getInt64("getMore").value
        val left = cursors[id] ?: return failed(43, "cursor $id not found")
        val next = take(left, command["batchSize"]?.asNumber()?.intValue() ?: Int.MAX_VALUE)
        if (left.isEmpty()) cursors.remove(id)
        return ok("cursor" to cursor(if (left.isEmpty()) 0 else id, command.getString("collection"), "nextBatch", next))
    }

    private fun take(
        from: ArrayDeque<BsonDocument>,
        most: Int,
    ) = BsonArray(buildList { while (size < most && from.isNotEmpty()) add(from.removeFirst()) })

    private fun cursor(
        id: Long,
        collection: BsonValue,
        name: String,
        batch: BsonArray,
    ) = BsonDocument("id", BsonInt64(id)).append("ns", BsonString("test.${collection.asString().value}")).append(name, batch)

    private fun BsonDocument.firstValue(): BsonValue = getValue(firstKey)

    private fun ok(vararg fields: Pair<String, BsonValue>) =
        BsonDocument().apply {
            fields.forEach { (name, value) -> append(name, value) }
            append("ok", BsonDouble(1.0))
        }

    private fun failed(
        code: Int,
        message: String,
    ) = BsonDocument("ok", BsonDouble(0.0)).append("code", BsonInt32(code)).append("errmsg", BsonString(message))

    private inline fun message(
        kind: Int,
        request: Int,
        answer: BsonDocument,
        begin: (BasicOutputBuffer) -> Unit,
    ): ByteArray {
        val output = BasicOutputBuffer()
        for (field in listOf(0, 0, request, kind)) output.writeInt32(field)
        begin(output)
        BsonDocumentCodec().encode(BsonBinaryWriter(output), answer, EncoderContext.builder().build())
        output.writeInt32(0, output.size)
        return output.toByteArray()
    }

    private fun document(body: ByteBuffer): BsonDocument {
        val length = body.getInt(body.position())
        val bytes = ByteArray(length).also(body::get)
        return BsonDocumentCodec().decode(BsonBinaryReader(buffer(bytes)), DecoderContext.builder().build())
    }

    private fun buffer(bytes: ByteArray) = ByteBuffer.wrap(bytes).order(LITTLE_ENDIAN)

    private companion object {
        const val HEADER = 16
        const val OP_REPLY = 1
        const val OP_QUERY = 2004
        const val OP_MSG = 2013
        val GREETINGS = setOf("hello", "ismaster")
    }
}
