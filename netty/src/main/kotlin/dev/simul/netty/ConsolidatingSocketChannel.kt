// SPDX-License-Identifier: Apache-2.0
package dev.simul.netty

import io.netty.channel.socket.nio.NioSocketChannel
import io.netty.handler.flush.FlushConsolidationHandler

/**
 * A channel that flushes what is written in one turn at once, for drivers that flush each command: a call of the system for all commands of
 * the tasks that have a turn, rather than one for each.
 */
internal open class ConsolidatingSocketChannel : NioSocketChannel() {
    init {
        pipeline().addLast(FlushConsolidationHandler(MOST_FLUSHES, true))
    }

    private companion object {
        /** So many flushes are held back, while there is something to be read. It is Netty's own default. */
        const val MOST_FLUSHES = FlushConsolidationHandler.DEFAULT_EXPLICIT_FLUSH_AFTER_FLUSHES
    }
}
