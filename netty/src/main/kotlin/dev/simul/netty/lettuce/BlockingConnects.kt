// SPDX-License-Identifier: Apache-2.0
package dev.simul.netty.lettuce

import io.lettuce.core.AbstractRedisClient
import io.netty.util.concurrent.BlockingOperationException

/**
 * The refusal of `connect()` and its siblings, which start what their asynchronous versions start and then block. The caller's stack tells
 * them apart; looking at it takes microseconds, and a connection takes hundreds.
 */
internal object BlockingConnects {
    private val walker = StackWalker.getInstance(StackWalker.Option.RETAIN_CLASS_REFERENCE)
    private val names = setOf("connect", "connectPubSub", "connectSentinel")

    fun refuse() {
        val blocking = walker.walk { frames -> frames.filter(::isBlocking).findFirst().orElse(null) } ?: return
        throw BlockingOperationException(
            "${blocking.methodName}() would block the loop: call ${blocking.methodName}Async(codec, uri), and await its future",
        )
    }

    private fun isBlocking(frame: StackWalker.StackFrame): Boolean =
        frame.methodName in names && AbstractRedisClient::class.java.isAssignableFrom(frame.declaringClass)
}
