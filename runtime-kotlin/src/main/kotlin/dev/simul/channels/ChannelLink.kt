// SPDX-License-Identifier: Apache-2.0
package dev.simul.channels

import dev.simul.loop.Callback
import dev.simul.loop.EventLoop
import dev.simul.queues.QueueShutDown
import java.lang.ref.WeakReference

/** What the two ends of a channel share. */
internal class ChannelLink<T>(
    val sendingLoop: EventLoop,
    val receivingLoop: EventLoop,
    val capacity: Int,
    val name: String?,
) {
    val items = SharedItems<T>(capacity)
    val sender: MemorySendChannel<T> = MemorySendChannel(this, sendingLoop)
    val receiver: MemoryReceiveChannel<T> = MemoryReceiveChannel(this, receivingLoop)
    private val reference = WeakReference<ChannelLink<*>>(this)

    /** From now on the ends close with their loops. */
    fun open() {
        LoopChannels[sendingLoop].add(reference)
        LoopChannels[receivingLoop].add(reference)
        try {
            // Another thread may have closed one of them just now.
            LoopChannels.checkOpen(sendingLoop)
            LoopChannels.checkOpen(receivingLoop)
        } catch (e: IllegalStateException) {
            forget()
            throw e
        }
    }

    /** [loop] is closing. */
    fun closeWith(loop: EventLoop) {
        val ending = Ending("was closed with its loop", null)
        if (loop === sendingLoop) endSending(ending)
        if (loop === receivingLoop) endReceiving(ending)
    }

    /** As a user of the sending end asks, in any thread. */
    fun closeSender(cause: Throwable?) = inLoop(sendingLoop) { endSending(Ending("was closed", cause)) }

    /** As a user of the receiving end asks, in any thread. */
    fun closeReceiver(cause: Throwable?) = inLoop(receivingLoop) { endReceiving(Ending("was closed", cause)) }

    private fun endSending(ending: Ending) {
        if (!sender.side.end(ending)) return
        forgetIfEnded()
        receiver.side.wake()
    }

    private fun endReceiving(ending: Ending) {
        if (!receiver.side.end(ending)) return
        items.dropByReceiver()
        forgetIfEnded()
        sender.side.wake()
    }

    private fun forgetIfEnded() {
        if (sender.side.ending != null && receiver.side.ending != null) forget()
    }

    private fun forget() {
        LoopChannels[sendingLoop].remove(reference)
        LoopChannels[receivingLoop].remove(reference)
    }

    /** Why nothing can be sent, or null. */
    fun whyNotSent(): QueueShutDown? {
        val own = sender.side.ending
        if (own != null) return shutDown("cannot send to $sender: its sending end", own)
        return receiver.side.ending?.let { shutDown("cannot send to $sender: its receiving end", it) }
    }

    /** Why nothing more can be received; one of the ends has ended. */
    fun whyNotReceived(): QueueShutDown {
        val subject = "nothing more can be received from $receiver"
        val own = receiver.side.ending ?: return shutDown("$subject: its sending end", sender.side.ending!!)
        return shutDown("$subject: its receiving end", own)
    }

    private fun shutDown(
        subject: String,
        ending: Ending,
    ) = QueueShutDown("$subject ${ending.how}").apply { ending.cause?.let(::initCause) }

    fun describe(kind: String): String = "<$kind ${if (name == null) "" else "$name "}${items.size}/$capacity>"

    private fun inLoop(
        loop: EventLoop,
        block: () -> Unit,
    ) {
        if (loop.isInLoop) return block()
        if (!loop.isClosed) loop.enqueueThreadsafe(Callback { loop.current.runDetached(block) })
    }
}
