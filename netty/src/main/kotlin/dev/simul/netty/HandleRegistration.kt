// SPDX-License-Identifier: Apache-2.0
package dev.simul.netty

import dev.simul.loop.register
import io.netty.channel.IoOps
import io.netty.channel.IoRegistration
import io.netty.channel.nio.NioIoEvent
import io.netty.channel.nio.NioIoHandle
import io.netty.channel.nio.NioIoOps
import java.nio.channels.CancelledKeyException
import java.nio.channels.SelectableChannel
import java.nio.channels.SelectionKey
import java.nio.channels.Selector
import java.util.concurrent.atomic.AtomicBoolean

/** What the loop watches for a handle of Netty's. Any thread may change and cancel it; in others than the loop's, that takes a task. */
internal class HandleRegistration(
    private val eventLoop: SimulEventLoop,
    private val handle: NioIoHandle,
) : IoRegistration {
    private val channel: SelectableChannel = handle.selectableChannel()
    private val isCancelled = AtomicBoolean()
    private val key = HandleKey()
    private val watch = eventLoop.loop.register(channel, interestOps = 0, callback = ::ready)

    private fun ready(operations: Int) {
        if (isCancelled.get()) return // The watch is open, or it would not tell.
        key.ready = operations
        handle.handle(this, Ready.of(operations))
    }

    override fun isValid(): Boolean = !isCancelled.get() && watch.isOpen

    /** The key of the channel: some of Netty's channels read and write its interest set. */
    @Suppress("UNCHECKED_CAST")
    override fun <T> attachment(): T = key as T

    override fun submit(ops: IoOps): Long {
        require(ops is NioIoOps) { "$ops are not NioIoOps: this handle's channel is one of java.nio" }
        if (!isValid) return -1
        key.interestOps(ops.value())
        return ops.value().toLong()
    }

    override fun cancel(): Boolean {
        if (!isCancelled.compareAndSet(false, true)) return false
        eventLoop.runInLoop {
            eventLoop.forget(this)
            watch.close()
            handle.unregistered()
        }
        return true
    }

    /** Ends the registration, and then closes the handle. */
    fun close() {
        cancel()
        handle.close()
    }

    override fun toString(): String = "<Netty's handle of $channel>"

    /** The key that a selector of Netty's would have for the channel. */
    private inner class HandleKey : SelectionKey() {
        @Volatile
        private var wanted = 0

        /** What the handle was told last. */
        var ready = 0

        override fun channel(): SelectableChannel = channel

        override fun selector(): Selector =
            throw UnsupportedOperationException("$channel is watched by its loop, whose selector is its own")

        override fun isValid(): Boolean = this@HandleRegistration.isValid

        override fun cancel() {
            this@HandleRegistration.cancel()
        }

        override fun interestOps(): Int {
            checkValid()
            return wanted
        }

        override fun interestOps(ops: Int): SelectionKey {
            checkValid()
            require(ops and channel.validOps().inv() == 0) { "$channel has no operations $ops: only some of ${channel.validOps()}" }
            wanted = ops
            eventLoop.runInLoop { if (isValid) watch.interestOps = wanted }
            return this
        }

        override fun readyOps(): Int {
            checkValid()
            return ready
        }

        private fun checkValid() {
            if (!isValid) throw CancelledKeyException()
        }
    }
}

/** The operations that a channel is ready for; there are few sets of them. */
private class Ready(
    private val operations: NioIoOps,
) : NioIoEvent {
    override fun ops(): NioIoOps = operations

    companion object {
        private val all =
            Array(NioIoOps.READ_AND_ACCEPT.with(NioIoOps.READ_AND_WRITE).with(NioIoOps.CONNECT).value() + 1) { Ready(NioIoOps.valueOf(it)) }

        fun of(operations: Int): NioIoEvent = all[operations]
    }
}
