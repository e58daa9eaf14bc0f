// SPDX-License-Identifier: Apache-2.0
package dev.simul.netty

import io.netty.buffer.ByteBuf
import io.netty.buffer.ByteBufAllocator
import io.netty.buffer.UnpooledDirectByteBuf
import io.netty.util.internal.CleanableDirectBuffer
import java.nio.ByteBuffer

/** A buffer of [owner]'s, which gets it back when it is released. */
internal class IoBuffer(
    private val owner: IoBuffers,
    allocator: ByteBufAllocator,
    private val memory: ByteBuffer,
    val kind: Int,
) : UnpooledDirectByteBuf(allocator, memory, Int.MAX_VALUE) {
    /** The next one in the list that this one is in. */
    var next: IoBuffer? = null

    /** Whether it has been given another capacity, and so has left its memory. */
    private var hasMoved = false

    /** Makes it new, for one who must release it. */
    fun lend() {
        next = null
        resetRefCnt()
        clear()
        markReaderIndex()
        markWriterIndex()
    }

    /** Another capacity takes memory of Netty's, as a buffer of its own allocator would. */
    override fun allocateDirectBuffer(capacity: Int): CleanableDirectBuffer {
        hasMoved = true
        return Borrowed(ByteBufAllocator.DEFAULT.directBuffer(capacity, capacity))
    }

    override fun deallocate() {
        if (!hasMoved) return owner.takeBack(this)
        super.deallocate()
        owner.takeBack(IoBuffer(owner, alloc(), memory, kind))
    }

    private class Borrowed(
        private val lender: ByteBuf,
    ) : CleanableDirectBuffer {
        private val memory = lender.nioBuffer(0, lender.capacity())

        override fun buffer(): ByteBuffer = memory

        override fun clean() {
            lender.release()
        }

        override fun hasMemoryAddress(): Boolean = lender.hasMemoryAddress()

        override fun memoryAddress(): Long = lender.memoryAddress()
    }
}
