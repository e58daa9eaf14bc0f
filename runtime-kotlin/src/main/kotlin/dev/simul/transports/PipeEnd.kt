// SPDX-License-Identifier: Apache-2.0
package dev.simul.transports

import dev.simul.loop.CallbackHandle
import java.nio.ByteBuffer

/** One end of a pipe: using it never blocks, and it tells when it is ready. */
internal interface PipeEnd {
    /** The underlying object, as users know it. */
    val pipe: Any

    /** Runs [handle] in each turn in which this is ready, until [ignore]. There is one handle at a time. */
    fun listen(handle: CallbackHandle)

    fun ignore()

    /** Releases the pipe. A pipe that may block while closing is closed in another thread. */
    fun close()
}

/** The end that bytes are read from. */
internal interface ReadEnd : PipeEnd {
    /** Returns how many bytes were read into [buffer]: 0 if there are none now, -1 if there will be no more. */
    fun read(buffer: ByteBuffer): Int
}

/** The end that bytes are written to. */
internal interface WriteEnd : PipeEnd {
    /** Takes as many bytes of [buffer] as it can now; returns how many. */
    fun write(buffer: ByteBuffer): Int

    /** How many bytes it has taken but not passed to the system yet. */
    val unsent: Int
}
