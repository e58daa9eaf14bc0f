// SPDX-License-Identifier: Apache-2.0
package dev.simul.loop

import dev.simul.context.Context
import java.nio.channels.SelectableChannel
import java.nio.channels.SelectionKey

/**
 * A [channel] that a loop watches for another library; [register] makes it, [close] ends it.
 *
 * Only the loop's thread may use it. It corresponds to a [SelectionKey].
 *
 * @property channel the channel that is watched.
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

    /** The operations that the channel is ready for and [callback] was not yet told. */
    private var readyOps = 0

    init {
        check(!watch.isHandles) { "$channel has a reader or writer already: remove them, or go on with them" }
        watch.owner = this
        watch.listener = ReadinessListener(::ready)
    }

    /** Whether the loop watches the channel: until [close], or until the channel or the loop is closed. Any thread may read it. */
    public val isOpen: Boolean get() = watch.isValid

    /**
     * The operations that the channel is watched for: some of [SelectionKey]'s constants, added up; 0 for none at present.
     *
     * @throws IllegalStateException if this is closed; in debug mode also if another thread runs the loop.
     * @throws IllegalArgumentException if the channel does not support the operations.
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

    /** A callback earlier in the same turn may have closed it, or changed the operations of interest. */
    private fun tell() {
        val operations = readyOps
        readyOps = 0
        val wanted = if (isOpen) operations and watch.interestOps else 0
        if (wanted != 0) callback(wanted)
    }

    /**
     * Ends the registration: the callback is not called after this. The channel stays non-blocking and can be registered again; its owner
     * closes it, after this call, so that the system gets it back at once. Closing again does nothing.
     */
    override fun close() {
        handle.cancel()
        if (isOpen) watch.end()
    }

    override fun toString(): String = "<Registration of $channel${if (isOpen) "" else " closed"}>"
}

/**
 * Watches [channel] for another library, such as one with an event loop of its own, and calls [callback] with the operations that the
 * channel is ready for, in each turn in which one of [interestOps] is.
 *
 * The channel becomes non-blocking. Readiness that was not dealt with is reported again in the next turn. Most programs need streams, or
 * [addReader] and [addWriter], instead.
 *
 * asyncio has no equivalent: its `selectors.BaseSelector.register(fileobj, events)` is hidden behind the loop.
 *
 * @param channel a channel that the loop's [EventLoop.selectorProvider] has opened.
 * @param interestOps some of [SelectionKey]'s constants, added up, see [Registration.interestOps]; 0 for none at present.
 * @param context the context variables that the callback runs with; if null, a copy of the current ones, made now.
 * @throws IllegalStateException if the loop is closed, or the channel is watched already; in debug mode also if another thread runs the
 *   loop.
 * @throws IllegalArgumentException if the channel belongs to another provider, or does not support the operations.
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
