// SPDX-License-Identifier: Apache-2.0
package dev.simul.transports

import dev.simul.SingleWaiter
import dev.simul.loop.CallbackHandle
import dev.simul.loop.EventLoop
import dev.simul.loop.Watch
import java.nio.channels.SelectableChannel

/**
 * Tries [attempt] until it gives something, and waits between for [channel] to be readable.
 *
 * @throws IllegalStateException if a transport has the channel, or somebody else waits for the same.
 */
internal suspend inline fun <R : Any> EventLoop.onceReadable(
    channel: SelectableChannel,
    attempt: () -> R?,
): R {
    checkFree(channel)
    while (true) {
        attempt()?.let { return it }
        awaitReadable(channel)
    }
}

/** As [onceReadable], for a channel to be writable. */
internal suspend inline fun <R : Any> EventLoop.onceWritable(
    channel: SelectableChannel,
    attempt: () -> R?,
): R {
    checkFree(channel)
    while (true) {
        attempt()?.let { return it }
        poller.expectNews()
        awaitWritable(channel)
    }
}

/** A channel that blocks would stop the loop; that of a transport has its reader and writer already. */
internal fun EventLoop.checkFree(channel: SelectableChannel) {
    checkOpen()
    if (channel.isBlocking) channel.configureBlocking(false)
    if (channel.isRegistered) Watch.ofFree(this, channel)
}

internal suspend fun EventLoop.awaitReadable(channel: SelectableChannel) {
    val watch = Watch.ofFree(this, channel)
    check(!watch.hasReader) { "$channel is waited for already, to be readable: two readers would take each other's data" }
    awaitCall("readability", channel, watch::read) { watch.stopReading() }
}

internal suspend fun EventLoop.awaitWritable(channel: SelectableChannel) {
    val watch = Watch.ofFree(this, channel)
    check(!watch.isWritten) { "$channel is waited for already, to be writable: two writers would mix their data" }
    awaitCall("writability", channel, watch::write) { watch.stopWriting() }
}

/** Has [begin] call a handle when the channel is ready, waits for that, and does [end] unless another handle has its place. */
private suspend inline fun EventLoop.awaitCall(
    what: String,
    channel: SelectableChannel,
    begin: (CallbackHandle) -> Unit,
    end: () -> Unit,
) {
    val ready = SingleWaiter(this, what, channel)
    val handle = CallbackHandle(this, copyCurrentContext(), ready::wake)
    begin(handle)
    try {
        ready.await()
    } finally {
        if (!handle.cancelled()) end()
    }
}
