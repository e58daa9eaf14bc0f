// SPDX-License-Identifier: Apache-2.0
package dev.simul.transports

import dev.simul.loop.logger
import java.nio.ByteBuffer

/** As in asyncio: the writer may not have heard of the end yet. */
private const val DROPPED_BEFORE_WARNING = 5

/** Drops [data], which this transport can no longer send; it has done so [before] times. [what] tells why. */
internal fun BaseTransport.drop(
    data: ByteBuffer,
    before: Int,
    what: String,
) {
    data.position(data.limit())
    if (before >= DROPPED_BEFORE_WARNING) logger.warn("{} drops what is {}", this, what)
}
