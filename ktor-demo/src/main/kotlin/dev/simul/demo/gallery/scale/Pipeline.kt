// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.gallery.scale

import dev.simul.channels.MemoryReceiveChannel
import dev.simul.channels.MemorySendChannel
import dev.simul.channels.channelTo
import dev.simul.demo.gallery.run
import dev.simul.loop.EventLoop
import dev.simul.loop.getRunningLoop
import dev.simul.queues.QueueShutDown
import dev.simul.runCoroutineThreadsafe
import dev.simul.taskGroup
import dev.simul.toThread
import kotlin.concurrent.thread

private val lines = listOf("the loop waits", "for timers and sockets", "and for another loop")

/** Runs in the other loop: receives lines, and sends back how many words they have. */
private suspend fun countWords(
    lines: MemoryReceiveChannel<String>,
    counts: MemorySendChannel<Int>,
) = lines.use { counts.use { for (line in lines) counts.send(line.split(" ").size) } }

internal fun pipeline() {
    val other = EventLoop()
    val thread = thread { other.runForever() }
    run {
        val there = getRunningLoop().channelTo<String>(other, capacity = 2, name = "lines")
        val back = other.channelTo<Int>(getRunningLoop(), capacity = 2, name = "counts")
        runCoroutineThreadsafe(other) { countWords(there.receiver, back.sender) }
        taskGroup { group ->
            group.createTask { there.sender.use { for (line in lines) there.sender.send(line) } }
            var number = 0
            for (count in back.receiver) println("$count words: ${lines[number++]}")
        }

        // Nobody receives from this one, and its other loop goes away.
        val (sender, _) = getRunningLoop().channelTo<String>(other, capacity = 1, name = "letters")
        sender.send("a")
        println(sender)
        toThread {
            other.callSoonThreadsafe { other.stop() }
            thread.join()
            other.close()
        }
        try {
            sender.send("b")
        } catch (e: QueueShutDown) {
            println(e.message)
        }
    }
}
