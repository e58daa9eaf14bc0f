// SPDX-License-Identifier: Apache-2.0
package dev.simul.transports

import dev.simul.loop.CallbackHandle
import java.nio.ByteBuffer

/** One end of a pipe: using it never waits, and it tells when there is something to do. */
internal interface PipeEnd {
    /** What it is made of, as users know it. */
    val pipe: Any

    /** Has [handle] run in each turn in which this is ready, until [ignore]. There is one at a time. */
    fun listen(handle: CallbackHandle)

    fun ignore()

    /** Gives the pipe back. What cannot be closed without waiting is closed soon. */
    fun close()
}

/** The end that bytes come out of. */
internal interface ReadEnd : PipeEnd {
    /** Returns how many bytes have come into [buffer]: 0 if there are none now, -1 if there will be no more. */
    fun read(buffer: ByteBuffer): Int
}

/** The end that bytes go into. */
internal interface WriteEnd : PipeEnd {
    /** Takes as many bytes of [buffer] as it can now; returns how many. */
    fun write(buffer: ByteBuffer): Int

    /** How many bytes it has taken, and not yet given to the system. */
    val unsent: Int
}
