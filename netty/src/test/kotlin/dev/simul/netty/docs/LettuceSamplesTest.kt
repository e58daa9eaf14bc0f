// SPDX-License-Identifier: Apache-2.0
package dev.simul.netty.docs

import dev.simul.FacadeApi
import dev.simul.interop.bodyOf
import dev.simul.netty.NeedingRedis
import dev.simul.netty.RedisServer
import dev.simul.netty.onLoop
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe

@OptIn(FacadeApi::class)
class LettuceSamplesTest :
    FunSpec({
        extension(NeedingRedis)

        test("a thousand visits by tasks, and one more by each body in Java") {
            onLoop {
                RedisServer.start().use { redis ->
                    countVisits(redis.port, 1_000) shouldBe 1_000L
                    countVisits(redis.port, 1) shouldBe 1_001L
                    bodyOf { LettuceSamplesInJava.countVisits(redis.port, 10) }.await() shouldBe 1_011L
                }
            }
        }
    })
