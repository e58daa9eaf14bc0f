// SPDX-License-Identifier: Apache-2.0
package dev.simul.bodies

import dev.simul.interop.awaitInBody
import dev.simul.interop.bodyOf
import dev.simul.interop.sleeping
import dev.simul.loop.EventLoop
import dev.simul.loop.getRunningLoop
import dev.simul.loop.isVirtual
import dev.simul.testing.runTest
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import java.time.Duration
import kotlin.time.Duration.Companion.seconds

class CarrierTest :
    FunSpec({
        val feature = Runtime.version().feature()

        test("a JVM has the carriers of its version") {
            carriersHere shouldContainExactly
                when {
                    feature >= 24 -> listOf(Carrier.PLATFORM, Carrier.VIRTUAL, Carrier.PUMPED)
                    feature >= 21 -> listOf(Carrier.PLATFORM, Carrier.VIRTUAL)
                    else -> listOf(Carrier.PLATFORM)
                }
        }

        test("a loop takes the best, unless it is told otherwise") {
            Carrier.byDefault(null) shouldBe carriersHere.last()
            Carrier.byDefault("") shouldBe carriersHere.last()
            Carrier.byDefault("Platform") shouldBe Carrier.PLATFORM
            EventLoop().use { loop ->
                loop.carrier shouldBe carriersHere.last()
                loop.carrier = Carrier.PLATFORM
                loop.carrier shouldBe Carrier.PLATFORM
            }
        }

        test("a carrier that there is not is refused by name") {
            shouldThrow<IllegalArgumentException> { Carrier.byDefault("fibers") }.message shouldBe
                "there is no carrier 'fibers': simul.carrier must be one of platform, virtual, pumped"
        }

        test("a carrier that the JVM does not have is refused with what it needs") {
            for (carrier in Carrier.entries - carriersHere) {
                val refused = shouldThrow<IllegalArgumentException> { EventLoop().use { it.carrier = carrier } }
                refused.message shouldContain "cannot be had here: it needs JDK 2"
                shouldThrow<IllegalArgumentException> { Carrier.byDefault(carrier.name) }.message shouldBe refused.message
            }
        }

        test("bodies run on threads of the carrier") {
            for (carrier in carriersHere) {
                onVirtualTime(carrier) {
                    bodyOf {
                        awaitInBody(sleeping(Duration.ofSeconds(1), Unit))
                        Thread.currentThread().isVirtual() shouldBe (carrier != Carrier.PLATFORM)
                    }.await()
                }
            }
        }

        test("a loop that a virtual thread runs has virtual threads") {
            if (feature >= 21) {
                var carrier: Carrier? = null
                val start = Thread::class.java.getMethod("startVirtualThread", Runnable::class.java)
                val thread =
                    start.invoke(
                        null,
                        Runnable {
                            runTest { bodyOf { carrier = getRunningLoop().carrier }.await() }
                        },
                    ) as Thread
                thread.join()
                carrier shouldBe Carrier.VIRTUAL
            }
        }

        test("debug mode refuses an await in a static initializer where that would stop the loop") {
            if (Carrier.PUMPED.isAvailable) {
                onVirtualTime(Carrier.PUMPED, debug = true) {
                    bodyOf {
                        val failed = shouldThrow<ExceptionInInitializerError> { AwaitsInItsInitializer.slept }
                        failed.cause!!.message shouldContain "AwaitsInItsInitializer awaits in its static initializer"
                        val begin = getRunningLoop().time()
                        awaitInBody(sleeping(Duration.ofSeconds(9), "slept")) shouldBe "slept"
                        getRunningLoop().time() - begin shouldBe 9.seconds
                    }.await()
                }
            }
        }

        test("an await deep in a recursion goes on there") {
            fun descend(depth: Int): Int = if (depth > 0) 1 + descend(depth - 1) else awaitInBody(sleeping(Duration.ofSeconds(1), 0))

            for (carrier in carriersHere) onVirtualTime(carrier) { bodyOf { descend(500) }.await() } shouldBe 500
        }
    })

private object AwaitsInItsInitializer {
    val slept = awaitInBody(sleeping(Duration.ofSeconds(1), "slept"))
}
