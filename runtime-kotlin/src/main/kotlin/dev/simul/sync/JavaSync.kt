// SPDX-License-Identifier: Apache-2.0
@file:JvmName("JavaSync")

package dev.simul.sync

import java.time.Duration
import kotlin.time.toKotlinDuration

/** As [RateLimiter]. */
public fun rateLimiter(
    limit: Int,
    per: Duration,
): RateLimiter = RateLimiter(limit, per.toKotlinDuration())
