// SPDX-License-Identifier: Apache-2.0
package dev.simul.transports

import dev.simul.loop.EventLoop
import dev.simul.loop.ExceptionContext
import dev.simul.loop.logger
import java.io.IOException

/** Reports the failure that ended a transport. A failure of the network or the system is common, and only the protocol hears of it. */
internal fun EventLoop.reportFailure(
    exception: Throwable,
    message: String,
    transport: BaseTransport,
    protocol: BaseProtocol,
) {
    if (exception !is IOException) {
        callExceptionHandler(ExceptionContext(message, exception, mapOf("transport" to transport, "protocol" to protocol)))
    } else if (debug) {
        logger.debug("{}: {}", transport, message, exception)
    }
}
