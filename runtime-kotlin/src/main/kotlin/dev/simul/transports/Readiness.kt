// SPDX-License-Identifier: Apache-2.0
package dev.simul.transports

import dev.simul.SingleWaiter
import dev.simul.loop.CallbackHandle
import dev.simul.loop.EventLoop
import dev.simul.loop.Watch
import java.nio.channels.SelectableChannel

/**
 * Repeats [attempt] until it returns a result, and waits in between until [channel] is readable.
 *
 * @throws IllegalStateException if a transport owns the channel, or another task waits for the same.
 */
internal suspend inline fun <R : Any> EventLoop.onceReadable(
    channel: SelectableChannel,
    attempt: () -> R?,
): R = onceReady(channel, attempt) { awaitReadable(channel) }

/** As [onceReadable], until the channel is writable. */
internal suspend inline fun <R : Any> EventLoop.onceWritable(
    channel: SelectableChannel,
    attempt: () -> R?,
): R =
    onceReady(channel, attempt) {
        poller.expectNews()
        awaitWritable(channel)
    }

/** Repeats [attempt] until it returns a result, with [waitUntilReady] in between. */
internal suspend inline fun <R : Any> EventLoop.onceReady(
    channel: SelectableChannel,
    attempt: () -> R?,
    waitUntilReady: () -> Unit,
): R {
    checkFree(channel)
    while (true) {
        attempt()?.let { return it }
        waitUntilReady()
    }
}

/** A blocking channel would stop the loop; a transport's channel already has its reader and writer. */
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

/** Makes [begin] register a handle, waits until the channel is ready, and runs [end] unless another handle took its place. */
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
