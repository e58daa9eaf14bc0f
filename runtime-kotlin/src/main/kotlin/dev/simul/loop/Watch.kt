// SPDX-License-Identifier: Apache-2.0
package dev.simul.loop

import dev.simul.context.Context
import java.nio.channels.SelectableChannel
import java.nio.channels.SelectionKey
import java.nio.channels.SocketChannel

private const val READING = SelectionKey.OP_READ or SelectionKey.OP_ACCEPT
private const val WRITING = SelectionKey.OP_WRITE or SelectionKey.OP_CONNECT

/** A channel that a loop watches, and whom it tells: one reader and one writer. */
internal class Watch private constructor(
    private val loop: EventLoop,
    private val key: SelectionKey,
) : ReadinessListener {
    private var reader: CallbackHandle? = null
    private var writer: CallbackHandle? = null

    /** The transport, or the registration, that has the channel for itself. */
    var owner: Any? = null

    /** Who hears of all that is ready, instead of a reader and a writer. */
    var listener: ReadinessListener? = null

    /** What [listener] wants to hear of. */
    var interestOps: Int
        get() = key.interestOps()
        set(value) {
            key.interestOps(value)
            if (value != 0) loop.poller.expectNews()
        }

    val isValid: Boolean get() = key.isValid

    /** Whether there is a reader. */
    val hasReader: Boolean get() = reader != null

    /** Whether there is a reader or writer, and no transport it belongs to. */
    val isHandles: Boolean get() = owner == null && (hasReader || isWritten)

    /** Whether somebody else than a transport or a server has the channel watched. */
    val isOfUser: Boolean get() = isHandles || listener != null

    /** Whether there is a writer. */
    val isWritten: Boolean get() = writer != null

    override fun ready(operations: Int) {
        listener?.let { return it.ready(operations) }
        if (operations and READING != 0) reader?.let(loop::enqueue)
        if (operations and WRITING != 0) writer?.let(loop::enqueue)
    }

    fun read(handle: CallbackHandle) {
        reader?.cancel()
        reader = handle
        changed()
    }

    fun write(handle: CallbackHandle) {
        writer?.cancel()
        writer = handle
        changed()
    }

    fun stopReading(): Boolean {
        val stopped = reader ?: return false
        stopped.cancel()
        reader = null
        changed()
        return true
    }

    fun stopWriting(): Boolean {
        val stopped = writer ?: return false
        stopped.cancel()
        writer = null
        changed()
        return true
    }

    /** Forgets the channel. */
    fun end() {
        reader?.cancel()
        writer?.cancel()
        key.cancel()
        loop.poller.expectNews()
    }

    private fun changed() {
        if (!key.isValid) return
        var operations = 0
        if (reader != null) operations = READING and key.channel().validOps()
        // Once it is connected, the selector would still wake up for OP_CONNECT, and not tell.
        if (writer != null) operations = operations or if (isConnecting) WRITING else SelectionKey.OP_WRITE
        key.interestOps(operations)
        if (operations != 0) loop.poller.expectNews()
    }

    private val isConnecting get() = (key.channel() as? SocketChannel)?.isConnectionPending == true

    companion object {
        /** Has [loop] watch [channel], which becomes non-blocking. */
        fun of(
            loop: EventLoop,
            channel: SelectableChannel,
        ): Watch {
            if (channel.isBlocking) channel.configureBlocking(false)
            val key = loop.poller.register(channel)
            return key.attachment() as Watch? ?: Watch(loop, key).also(key::attach)
        }

        /** As [of], of a channel that no transport has. */
        fun ofFree(
            loop: EventLoop,
            channel: SelectableChannel,
        ): Watch {
            val watch = of(loop, channel)
            check(watch.owner == null) { "$channel is used by ${watch.owner}: read and write through that" }
            return watch
        }
    }
}

/**
 * Has [callback] called in each turn in which [channel] can be read, or accept a connection, until [removeReader].
 *
 * The channel becomes non-blocking. There is one reader of a channel: another one replaces it.
 *
 * Source: `loop.add_reader(fd, callback, *args)`.
 *
 * @param context the context variables it runs with: a copy of the current ones, made now, if it is null.
 * @throws IllegalStateException if the loop is closed, or a transport has the channel.
 */
public fun EventLoop.addReader(
    channel: SelectableChannel,
    context: Context? = null,
    callback: () -> Unit,
): Handle {
    checkOpen()
    return CallbackHandle(this, context ?: copyCurrentContext(), callback).also(Watch.ofFree(this, channel)::read)
}

/**
 * Has [callback] called in each turn in which [channel] can be written, or has finished connecting, until [removeWriter].
 *
 * The channel becomes non-blocking. There is one writer of a channel: another one replaces it.
 *
 * Source: `loop.add_writer(fd, callback, *args)`.
 *
 * @param context the context variables it runs with: a copy of the current ones, made now, if it is null.
 * @throws IllegalStateException if the loop is closed, or a transport has the channel.
 */
public fun EventLoop.addWriter(
    channel: SelectableChannel,
    context: Context? = null,
    callback: () -> Unit,
): Handle {
    checkOpen()
    return CallbackHandle(this, context ?: copyCurrentContext(), callback).also(Watch.ofFree(this, channel)::write)
}

/**
 * Ends what [addReader] began. Source: `loop.remove_reader(fd)`.
 *
 * @return whether there was a reader.
 * @throws IllegalStateException if a transport has the channel.
 */
public fun EventLoop.removeReader(channel: SelectableChannel): Boolean =
    !isClosed && channel.isOpen && channel.isRegistered && Watch.ofFree(this, channel).stopReading()

/**
 * Ends what [addWriter] began. Source: `loop.remove_writer(fd)`.
 *
 * @return whether there was a writer.
 * @throws IllegalStateException if a transport has the channel.
 */
public fun EventLoop.removeWriter(channel: SelectableChannel): Boolean =
    !isClosed && channel.isOpen && channel.isRegistered && Watch.ofFree(this, channel).stopWriting()
