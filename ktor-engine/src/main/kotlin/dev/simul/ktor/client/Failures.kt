// SPDX-License-Identifier: Apache-2.0
package dev.simul.ktor.client

import dev.simul.http.ConnectTimeoutException
import io.ktor.client.plugins.HttpTimeoutCapability
import io.ktor.client.plugins.SocketTimeoutException
import io.ktor.client.request.HttpRequestData
import io.ktor.utils.io.InternalAPI

/** The failures of a request, as Ktor's users know them. */
@OptIn(InternalAPI::class)
internal class Failures(
    private val data: HttpRequestData,
    private val config: SimulClientConfig,
) {
    fun named(failure: Throwable): Throwable =
        when (failure) {
            is ConnectTimeoutException -> io.ktor.client.plugins.ConnectTimeoutException(data.url.toString(), connectTimeout(), failure)
            is java.net.SocketTimeoutException -> SocketTimeoutException(data, failure)
            else -> failure
        }

    private fun connectTimeout() =
        data.getCapabilityOrNull(HttpTimeoutCapability)?.connectTimeoutMillis ?: config.connector.connectTimeout.inWholeMilliseconds
}
