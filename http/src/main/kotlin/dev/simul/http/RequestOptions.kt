// SPDX-License-Identifier: Apache-2.0
package dev.simul.http

import kotlin.time.Duration

/**
 * How one request is made.
 *
 * @property connectTimeout how long making a connection may take, the TLS handshake included; if null, as the connector's options say.
 * @property socketTimeout for how long nothing may arrive while the response is awaited or read; if null, for any time.
 * @property onInformational called with each response that only announces the final one: `103 Early Hints`, say. Like a callback of the
 *   loop, it must not block; if it throws, the request fails.
 */
public class RequestOptions(
    public val connectTimeout: Duration? = null,
    public val socketTimeout: Duration? = null,
    public val onInformational: ((ResponseHead) -> Unit)? = null,
) {
    init {
        requirePositive("connectTimeout", connectTimeout)
        requirePositive("socketTimeout", socketTimeout)
    }

    override fun toString(): String = "RequestOptions(connectTimeout=$connectTimeout, socketTimeout=$socketTimeout)"

    public companion object {
        /** No time limits but the connector's. */
        @JvmField
        public val DEFAULT: RequestOptions = RequestOptions()
    }
}

internal fun requirePositive(
    name: String,
    duration: Duration?,
) = require(duration == null || duration.isPositive()) { "$name is $duration: it must be positive" }
