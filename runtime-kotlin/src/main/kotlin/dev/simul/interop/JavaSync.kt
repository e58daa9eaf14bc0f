// SPDX-License-Identifier: Apache-2.0
@file:JvmName("JavaSync")

package dev.simul.interop

import dev.simul.FacadeApi
import dev.simul.sync.RateLimiter
import java.time.Duration
import kotlin.time.toKotlinDuration

/** As [RateLimiter]. */
@FacadeApi
@JvmOverloads
public fun rateLimiter(
    limit: Int,
    per: Duration,
    name: String? = null,
): RateLimiter = RateLimiter(limit, per.toKotlinDuration(), name)
