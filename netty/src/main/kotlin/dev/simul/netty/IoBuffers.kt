// SPDX-License-Identifier: Apache-2.0
package dev.simul.netty

import dev.simul.loop.EventLoop
import io.netty.buffer.ByteBufAllocator
import java.nio.ByteBuffer
import java.util.concurrent.atomic.AtomicReference

/**
 * The buffers that the channels of [loop] receive into, and their encoders write into. They are used again, and there are so many bytes of
 * them that a loop seldom needs more at once.
 * The last one that came back is the first to go out, since the processor still has it at hand.
 *
 * They belong to the loop, not to its thread. Only the loop takes them; any thread may release them. The memory is the JVM's own: when the
 * loop and all buffers are forgotten, it is freed.
 */
internal class IoBuffers(
    private val loop: EventLoop,
    private val allocator: ByteBufAllocator,
) {
    /** The first free buffer of each kind. */
    private val free = arrayOfNulls<IoBuffer>(KINDS)

    /** The last buffer that another thread has released and the loop has not fetched yet. */
    private val returned = AtomicReference<IoBuffer?>()

    /** The bytes of all buffers, free ones or not. */
    @Volatile
    var bytes = 0L
        private set

    /** A buffer of [size] bytes; null if the caller is not in the loop, if Netty's receivers ask for no such size, or if too many are in use. */
    fun take(size: Int): IoBuffer? {
        val kind = kindOf(size)
        if (kind == NONE || !loop.isInLoop) return null
        if (returned.get() != null) fetchReturned()
        if (free[kind] == null) makeMore(kind, size)
        val buffer = free[kind] ?: return null
        free[kind] = buffer.next
        buffer.lend()
        return buffer
    }

    /** Takes back what [IoBuffer.lend] has lent; any thread may call it. */
    fun takeBack(buffer: IoBuffer) {
        if (loop.isInLoop) return keep(buffer)
        do {
            val last = returned.get()
            buffer.next = last
        } while (!returned.compareAndSet(last, buffer))
    }

    private fun keep(buffer: IoBuffer) {
        buffer.next = free[buffer.kind]
        free[buffer.kind] = buffer
    }

    private fun fetchReturned() {
        var buffer = returned.getAndSet(null)
        while (buffer != null) {
            val next = buffer.next
            keep(buffer)
            buffer = next
        }
    }

    private fun makeMore(
        kind: Int,
        size: Int,
    ) {
        if (bytes >= MOST_BYTES) return
        val count = SLAB / size
        val slab = ByteBuffer.allocateDirect(count * size)
        bytes += slab.capacity()
        for (number in 0 until count) keep(IoBuffer(this, allocator, slab.slice(number * size, size), kind))
    }

    override fun toString(): String = "<$bytes bytes of buffers of $loop>"

    private companion object {
        const val SLAB = 64 * 1024
        const val MOST_BYTES = 4L * 1024 * 1024

        const val NONE = -1

        /** Receivers guess sizes in steps of this many bytes at first, and later in powers of two. */
        const val STEP = 16
        const val FIRST_POWER = 512
        const val LEAST = 64
        const val STEPS = FIRST_POWER / STEP
        val KINDS = STEPS + SLAB.countTrailingZeroBits() - FIRST_POWER.countTrailingZeroBits() + 1

        fun kindOf(size: Int): Int =
            when {
                size < LEAST || size > SLAB -> NONE
                size < FIRST_POWER -> if (size % STEP == 0) size / STEP else NONE
                size.countOneBits() == 1 -> STEPS + size.countTrailingZeroBits() - FIRST_POWER.countTrailingZeroBits()
                else -> NONE
            }
    }
}
