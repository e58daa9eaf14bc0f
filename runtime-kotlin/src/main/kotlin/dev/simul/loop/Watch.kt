// SPDX-License-Identifier: Apache-2.0
package dev.simul.loop

import dev.simul.context.Context
import java.nio.channels.SelectableChannel
import java.nio.channels.SelectionKey
import java.nio.channels.SocketChannel

private const val READING = SelectionKey.OP_READ or SelectionKey.OP_ACCEPT
private const val WRITING = SelectionKey.OP_WRITE or SelectionKey.OP_CONNECT

/** A channel that a loop watches, and the callbacks it calls: one reader and one writer. */
internal class Watch private constructor(
    private val loop: EventLoop,
    private val key: SelectionKey,
) : ReadinessListener {
    private var reader: CallbackHandle? = null
    private var writer: CallbackHandle? = null

    /** The transport, server or registration that owns the channel. */
    var owner: Any? = null

    /** Receives all readiness, instead of a reader and a writer. */
    var listener: ReadinessListener? = null

    /** The operations that [listener] wants to hear of. */
    var interestOps: Int
        get() = key.interestOps()
        set(value) {
            key.interestOps(value)
            if (value != 0) loop.poller.expectNews()
        }

    val isValid: Boolean get() = key.isValid

    /** Whether there is a reader. */
    val hasReader: Boolean get() = reader != null

    /** Whether there is a reader or writer that belongs to no transport. */
    val isHandles: Boolean get() = owner == null && (hasReader || isWritten)

    /** Whether the channel is watched for a user, not for a transport or a server. */
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
        // Once it is connected, the selector would still wake up for OP_CONNECT, but not report it.
        if (writer != null) operations = operations or if (isConnecting) WRITING else SelectionKey.OP_WRITE
        key.interestOps(operations)
        if (operations != 0) loop.poller.expectNews()
    }

    private val isConnecting get() = (key.channel() as? SocketChannel)?.isConnectionPending == true

    companion object {
        /** Makes [loop] watch [channel], which becomes non-blocking. */
        fun of(
            loop: EventLoop,
            channel: SelectableChannel,
        ): Watch {
            if (channel.isBlocking) channel.configureBlocking(false)
            val key = loop.poller.register(channel)
            return key.attachment() as Watch? ?: Watch(loop, key).also(key::attach)
        }

        /** As [of], for a channel that no transport owns. */
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
 * Calls [callback] in each turn in which [channel] can be read, or can accept a connection, until [removeReader].
 *
 * The channel becomes non-blocking. A channel has one reader: another one replaces it.
 *
 * Source: `loop.add_reader(fd, callback, *args)`.
 *
 * @param context the context variables it runs with; if null, a copy of the current ones, made now.
 * @throws IllegalStateException if the loop is closed, or a transport owns the channel.
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
 * Calls [callback] in each turn in which [channel] can be written, or has finished connecting, until [removeWriter].
 *
 * The channel becomes non-blocking. A channel has one writer: another one replaces it.
 *
 * Source: `loop.add_writer(fd, callback, *args)`.
 *
 * @param context the context variables it runs with; if null, a copy of the current ones, made now.
 * @throws IllegalStateException if the loop is closed, or a transport owns the channel.
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
 * Removes the callback of [addReader]. Source: `loop.remove_reader(fd)`.
 *
 * @return whether there was a reader.
 * @throws IllegalStateException if a transport owns the channel.
 */
public fun EventLoop.removeReader(channel: SelectableChannel): Boolean =
    !isClosed && channel.isOpen && channel.isRegistered && Watch.ofFree(this, channel).stopReading()

/**
 * Removes the callback of [addWriter]. Source: `loop.remove_writer(fd)`.
 *
 * @return whether there was a writer.
 * @throws IllegalStateException if a transport owns the channel.
 */
public fun EventLoop.removeWriter(channel: SelectableChannel): Boolean =
    !isClosed && channel.isOpen && channel.isRegistered && Watch.ofFree(this, channel).stopWriting()
