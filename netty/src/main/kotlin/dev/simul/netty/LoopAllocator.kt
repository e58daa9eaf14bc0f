// SPDX-License-Identifier: Apache-2.0
package dev.simul.netty

import dev.simul.loop.EventLoop
import io.netty.buffer.AbstractByteBufAllocator
import io.netty.buffer.ByteBuf
import io.netty.buffer.ByteBufAllocator
import io.netty.buffer.ByteBufAllocatorMetric
import io.netty.buffer.ByteBufAllocatorMetricProvider

/**
 * The allocator of channels on [loop]: Netty's default one, except for the buffers that channels receive into and that encoders write into,
 * which the loop keeps.
 *
 * Netty's allocators have caches for the threads of its own event loops. To them, the threads that run this loop are ordinary ones.
 */
internal class LoopAllocator(
    loop: EventLoop,
) : AbstractByteBufAllocator(prefersDirect()),
    ByteBufAllocatorMetricProvider {
    private val ioBuffers = IoBuffers(loop, this)

    /** What encoders write into is asked for by this method. */
    override fun ioBuffer(): ByteBuf = ioBuffer(DEFAULT_CAPACITY)

    /** What a channel receives into is asked for by this method, with a size that Netty has guessed. */
    override fun ioBuffer(initialCapacity: Int): ByteBuf =
        ioBuffers.take(initialCapacity)?.let { toLeakAwareBuffer(it) } ?: DEFAULT.ioBuffer(initialCapacity)

    override fun newHeapBuffer(
        initialCapacity: Int,
        maxCapacity: Int,
    ): ByteBuf = DEFAULT.heapBuffer(initialCapacity, maxCapacity)

    override fun newDirectBuffer(
        initialCapacity: Int,
        maxCapacity: Int,
    ): ByteBuf = DEFAULT.directBuffer(initialCapacity, maxCapacity)

    override fun isDirectBufferPooled(): Boolean = DEFAULT.isDirectBufferPooled

    override fun metric(): ByteBufAllocatorMetric = LoopMetric((DEFAULT as? ByteBufAllocatorMetricProvider)?.metric(), ioBuffers)

    override fun toString(): String = "<$DEFAULT with $ioBuffers>"

    private companion object {
        val DEFAULT: ByteBufAllocator = ByteBufAllocator.DEFAULT

        /** What Netty's allocators give to those who ask for no size. */
        const val DEFAULT_CAPACITY = 256

        fun prefersDirect(): Boolean {
            val buffer = DEFAULT.buffer(1)
            return buffer.isDirect.also { buffer.release() }
        }
    }
}

private class LoopMetric(
    private val default: ByteBufAllocatorMetric?,
    private val ioBuffers: IoBuffers,
) : ByteBufAllocatorMetric {
    override fun usedHeapMemory(): Long = default?.usedHeapMemory() ?: 0

    override fun usedDirectMemory(): Long = (default?.usedDirectMemory() ?: 0) + ioBuffers.bytes
}
