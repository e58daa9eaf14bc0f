// SPDX-License-Identifier: Apache-2.0
package dev.simul.http.jdk

import java.net.Authenticator
import java.net.CookieHandler
import java.net.InetAddress
import java.net.ProxySelector
import java.net.http.HttpClient.Redirect
import java.net.http.HttpClient.Version
import java.time.Duration
import java.util.concurrent.Executor
import javax.net.ssl.SSLContext
import javax.net.ssl.SSLParameters

/** What a builder was told. */
internal data class HttpSettings(
    val cookieHandler: CookieHandler? = null,
    val connectTimeout: Duration? = null,
    val sslContext: SSLContext? = null,
    val sslParameters: SSLParameters? = null,
    val executor: Executor? = null,
    val followRedirects: Redirect = Redirect.NEVER,
    val version: Version = Version.HTTP_2,
    val proxy: ProxySelector? = null,
    val authenticator: Authenticator? = null,
    val localAddress: InetAddress? = null,
)
