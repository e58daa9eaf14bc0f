// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.gallery.drivers

import dev.simul.demo.gallery.Article
import dev.simul.demo.gallery.Program
import kotlin.time.Duration.Companion.seconds

internal val drivers =
    Article(
        "Drivers on the loop",
        null,
        "drivers",
        listOf(
            Program(
                "redis",
                "Workers take jobs from a queue in Redis, and tell their progress by publishing it.",
                ::redis,
                Redis::main,
                note = "[Redis](guide/redis.md) explains each part. The program starts a server of its own, and stops it.",
                inAnyOrder = true,
                patience = 30.seconds,
                needs = redisServer,
            ),
        ),
        "They talk to servers by drivers that stand on Netty, whose event loop is the program's own. Each starts the server that it " +
            "needs, for itself, and stops it.",
        hasPython = false,
    )
