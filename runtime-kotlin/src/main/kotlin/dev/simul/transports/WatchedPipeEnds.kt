// SPDX-License-Identifier: Apache-2.0
package dev.simul.transports

import dev.simul.loop.CallbackHandle
import dev.simul.loop.EventLoop
import dev.simul.loop.Watch
import java.nio.ByteBuffer
import java.nio.channels.Pipe

/** The read end of a pipe that [loop] selects. */
internal class WatchedReadEnd(
    loop: EventLoop,
    override val pipe: Pipe.SourceChannel,
) : ReadEnd {
    private val watch = Watch.ofFree(loop, pipe).also { it.owner = this }

    override fun listen(handle: CallbackHandle) = watch.read(handle)

    override fun ignore() {
        watch.stopReading()
    }

    override fun read(buffer: ByteBuffer): Int = pipe.read(buffer)

    override fun close() {
        watch.end()
        pipe.close()
    }

    override fun toString(): String = pipe.toString()
}

/** The write end of a pipe that [loop] selects. */
internal class WatchedWriteEnd(
    private val loop: EventLoop,
    override val pipe: Pipe.SinkChannel,
) : WriteEnd {
    private val watch = Watch.ofFree(loop, pipe).also { it.owner = this }

    override val unsent: Int get() = 0

    override fun listen(handle: CallbackHandle) = watch.write(handle)

    override fun ignore() {
        watch.stopWriting()
    }

    override fun write(buffer: ByteBuffer): Int = pipe.write(buffer).also { loop.poller.expectNews() }

    override fun close() {
        watch.end()
        pipe.close()
    }

    override fun toString(): String = pipe.toString()
}
