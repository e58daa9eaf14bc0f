// SPDX-License-Identifier: Apache-2.0
@file:JvmName("JdkHttp")

package dev.simul.http.jdk

import dev.simul.FacadeApi
import dev.simul.loop.EventLoop
import java.net.http.HttpClient

/** A builder of clients of [loop], whose callers wait by [waits]. */
@FacadeApi
public fun httpClientBuilder(
    loop: EventLoop,
    waits: Waits,
): HttpClient.Builder = LoopHttpClientBuilder(loop, waits)
