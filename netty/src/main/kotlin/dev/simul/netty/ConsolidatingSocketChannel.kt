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
        pipeline().addLast(flushConsolidation())
    }
}

/**
 * Flushes what is written in one turn at once, between two reads, too: what is read is given to its tasks in the next turn, and these then
 * write.
 *
 * @param most how many flushes it holds back at most.
 */
internal fun flushConsolidation(most: Int = FlushConsolidationHandler.DEFAULT_EXPLICIT_FLUSH_AFTER_FLUSHES) =
    FlushConsolidationHandler(most, true)
