// SPDX-License-Identifier: Apache-2.0
package chat

import dev.simul.createTask
import dev.simul.loop.addSignalHandler
import dev.simul.loop.getRunningLoop
import dev.simul.queues.Queue
import dev.simul.queues.QueueShutDown
import dev.simul.runLoop
import dev.simul.streams.StreamReader
import dev.simul.streams.StreamWriter
import dev.simul.streams.startServer
import dev.simul.sync.Event
import java.io.IOException
import kotlin.time.Duration.Companion.seconds

/**
 * A chat room: what a guest writes, all the others read.
 *
 * All guests take turns on one thread, so the map of them needs no lock.
 */
class ChatRoom {
    private val mailboxes = mutableMapOf<String, Queue<String>>()

    /** Serves one guest until it leaves. */
    suspend fun serve(
        reader: StreamReader,
        writer: StreamWriter,
    ) = writer.use {
        try {
            writer.write("Your name?\n".encodeToByteArray())
            val name = reader.readline().decodeToString().trim()
            if (name.isEmpty() || name in mailboxes) {
                writer.write("Not that one.\n".encodeToByteArray())
            } else {
                entertain(name, reader, writer)
            }
        } catch (_: IOException) {
            // The guest is gone; it has been reported to the others.
        }
    }

    private suspend fun entertain(
        name: String,
        reader: StreamReader,
        writer: StreamWriter,
    ) {
        val mailbox = Queue<String>(MOST_UNREAD)
        val sender = createTask(name = "to $name") { send(mailbox, writer) }
        mailboxes[name] = mailbox
        tellOthers(name, "* $name is here")
        try {
            for (line in reader) tellOthers(name, "$name: ${line.decodeToString().trim()}")
        } finally {
            mailboxes.remove(name)
            mailbox.shutdown()
            tellOthers(name, "* $name has left")
            sender.await()
        }
    }

    /** Writes what is in the mailbox, at the guest's own pace. */
    private suspend fun send(
        mailbox: Queue<String>,
        writer: StreamWriter,
    ) {
        try {
            while (true) {
                writer.write("${mailbox.get()}\n".encodeToByteArray())
                writer.drain()
            }
        } catch (_: QueueShutDown) {
            writer.close()
        }
    }

    /** Never waits: a guest who does not keep up is shown out, and the others do not notice. */
    private fun tellOthers(
        sender: String,
        line: String,
    ) {
        for ((name, mailbox) in mailboxes) {
            if (name == sender) continue
            if (mailbox.full()) mailbox.shutdown(immediate = true) else mailbox.putNowait(line)
        }
    }

    private companion object {
        const val MOST_UNREAD = 1_000
    }
}

fun main(args: Array<String>) =
    runLoop {
        val room = ChatRoom()
        val port = args.firstOrNull()?.toInt() ?: 8888
        val server = startServer("127.0.0.1", port) { reader, writer -> room.serve(reader, writer) }
        println("Chatting at ${server.addresses.single()}; Ctrl-C closes the room.")

        val told = Event()
        for (signal in listOf("INT", "TERM")) getRunningLoop().addSignalHandler(signal) { told.set() }
        told.wait()
        server.shutdown(5.seconds)
    }
