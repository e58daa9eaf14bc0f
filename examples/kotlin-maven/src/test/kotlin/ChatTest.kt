// SPDX-License-Identifier: Apache-2.0
package chat

import dev.simul.junit.AsyncTest
import dev.simul.junit.OnLoop
import dev.simul.junit.TestTime
import dev.simul.streams.StreamReader
import dev.simul.streams.StreamWriter
import dev.simul.streams.openConnection
import dev.simul.streams.startServer
import org.junit.jupiter.api.Assertions.assertEquals
import java.net.InetSocketAddress

@OnLoop(time = TestTime.REAL, timeoutSeconds = 30)
class ChatTest {
    private class Guest(
        private val reader: StreamReader,
        private val writer: StreamWriter,
    ) {
        fun say(line: String) = writer.write("$line\n".encodeToByteArray())

        suspend fun hear() = reader.readline().decodeToString().trim()

        fun leave() = writer.close()
    }

    /** Runs [visit] in a room of its own; it gets a function that lets a guest in. */
    private suspend fun inRoom(visit: suspend (enter: suspend (String) -> Guest) -> Unit) {
        val room = ChatRoom()
        val server = startServer("127.0.0.1", 0) { reader, writer -> room.serve(reader, writer) }
        val port = (server.addresses.single() as InetSocketAddress).port
        try {
            visit { name ->
                val (reader, writer) = openConnection("127.0.0.1", port)
                Guest(reader, writer).apply {
                    assertEquals("Your name?", hear())
                    say(name)
                }
            }
        } finally {
            server.close()
        }
    }

    @AsyncTest
    suspend fun `what one guest says, the others hear`() =
        inRoom { enter ->
            val ann = enter("ann")
            val bob = enter("bob")
            assertEquals("* bob is here", ann.hear())
            ann.say("hello")
            assertEquals("ann: hello", bob.hear())
            bob.leave()
            assertEquals("* bob has left", ann.hear())
        }

    @AsyncTest
    suspend fun `a name belongs to one guest`() =
        inRoom { enter ->
            val ann = enter("ann")
            enter("bob")
            assertEquals("* bob is here", ann.hear())
            val other = enter("ann")
            assertEquals("Not that one.", other.hear())
            assertEquals("", other.hear())
        }
}
