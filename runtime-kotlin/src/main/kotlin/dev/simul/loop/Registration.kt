// SPDX-License-Identifier: Apache-2.0
package dev.simul.loop

import dev.simul.context.Context
import java.nio.channels.SelectableChannel
import java.nio.channels.SelectionKey

/**
 * A [channel] that a loop watches for another library: made by [register], ended by [close].
 *
 * It is for the loop's thread alone, and is what a [SelectionKey] is elsewhere.
 *
 * @property channel what is watched.
 */
public class Registration internal constructor(
    private val loop: EventLoop,
    @get:JvmName("channel")
    public val channel: SelectableChannel,
    context: Context,
    private val callback: (Int) -> Unit,
) : AutoCloseable {
    private val watch = Watch.ofFree(loop, channel)
    private val handle = CallbackHandle(loop, context, ::tell)

    /** What the channel was found ready for, and [callback] has not been told yet. */
    private var readyOps = 0

    init {
        check(!watch.isHandles) { "$channel has a reader or writer already: remove them, or go on with them" }
        watch.owner = this
        watch.listener = ReadinessListener(::ready)
    }

    /** Whether the loop watches the channel: until [close], or until the channel or the loop is closed. Any thread may ask. */
    public val isOpen: Boolean get() = watch.isValid

    /**
     * What the channel is watched for: some of [SelectionKey]'s constants, added up; 0 for nothing at present.
     *
     * @throws IllegalStateException if this is closed; in debug mode also if another thread runs the loop.
     * @throws IllegalArgumentException if the channel has no such operations.
     */
    @get:JvmName("interestOps")
    public var interestOps: Int
        get() {
            checkOpen()
            return watch.interestOps
        }
        set(value) {
            loop.checkThread("interestOps")
            checkOpen()
            watch.interestOps = value
        }

    private fun checkOpen() = check(isOpen) { "$this is closed: register the channel again" }

    private fun ready(operations: Int) {
        if (readyOps == 0) loop.enqueue(handle)
        readyOps = readyOps or operations
    }

    /** Whoever ran before this in the same turn may have closed it, or changed what is of interest. */
    private fun tell() {
        val operations = readyOps
        readyOps = 0
        val wanted = if (isOpen) operations and watch.interestOps else 0
        if (wanted != 0) callback(wanted)
    }

    /**
     * Ends it: the callback is not called after this. The channel stays as it is, non-blocking; it can be registered again, and is to be
     * closed by its owner, after this, so that the system has it back at once. Closing again does nothing.
     */
    override fun close() {
        handle.cancel()
        if (isOpen) watch.end()
    }

    override fun toString(): String = "<Registration of $channel${if (isOpen) "" else " closed"}>"
}

/**
 * Has this loop watch [channel] for another library, an event loop of its own say, and [callback] called with what the channel is
 * ready for, in each turn in which that is some of [interestOps].
 *
 * The channel becomes non-blocking. What is ready and not dealt with is told again in the next turn. Most programs need streams,
 * or [addReader] and [addWriter], instead.
 *
 * asyncio has nothing like it: its `selectors.BaseSelector.register(fileobj, events)` is behind the loop.
 *
 * @param channel any that the loop's [EventLoop.selectorProvider] has opened.
 * @param interestOps some of [SelectionKey]'s constants, added up, see [Registration.interestOps]; 0 for nothing at present.
 * @param context the context variables that the callback runs with: a copy of the current ones, made now, if it is null.
 * @throws IllegalStateException if the loop is closed, or the channel is watched already; in debug mode also if another thread runs the
 *   loop.
 * @throws IllegalArgumentException if the channel is another provider's, or has no such operations.
 * @throws UnsupportedOperationException if the loop's poller watches no channels.
 */
public fun EventLoop.register(
    channel: SelectableChannel,
    interestOps: Int,
    context: Context? = null,
    callback: (readyOps: Int) -> Unit,
): Registration {
    checkOpen()
    checkThread("register")
    require(interestOps and channel.validOps().inv() == 0) { "$channel has no operations $interestOps: only some of ${channel.validOps()}" }
    val registration = Registration(this, channel, context ?: copyCurrentContext(), callback)
    registration.interestOps = interestOps
    return registration
}
