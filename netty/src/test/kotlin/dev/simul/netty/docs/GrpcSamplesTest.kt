// SPDX-License-Identifier: Apache-2.0
package dev.simul.netty.docs

import dev.simul.FacadeApi
import dev.simul.bodies.Carrier
import dev.simul.bodies.carrier
import dev.simul.interop.bodyOf
import dev.simul.netty.grpc.Ends
import dev.simul.netty.grpc.onCleanLoop
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import java.util.Optional

@OptIn(FacadeApi::class)
class GrpcSamplesTest :
    FunSpec({
        test("in Kotlin") {
            onCleanLoop {
                greetWorld() shouldBe "Hello, world!"
                Ends.ON_THE_LOOP.serving(greeter()) { channel ->
                    countTo(channel, 5) shouldContainExactly listOf(1, 2, 3, 4, 5)
                    firstAbove(channel, 3) shouldBe 4
                    sumOf(channel, 10) shouldBe 55
                    converse(channel, listOf("live", "reward")) shouldContainExactly listOf("evil", "drawer")
                    greetInTime(channel, "Ada") shouldBe "no time for Ada"
                    greetByDeadline(channel, "Ada") shouldBe "DEADLINE_EXCEEDED for Ada"
                }
                Ends.ON_THE_LOOP.serving(accountant()) { channel ->
                    greetAndPay(channel, "Bob") shouldContainExactly listOf("Hello, Bob! This is on Ada.", "3 cents")
                }
            }
            testInProcess()
        }

        Carrier.available().forEach { carrier ->
            test("in Java, with bodies that are ${carrier.name}") {
                onCleanLoop {
                    this.carrier = carrier
                    bodyOf { GrpcSamplesInJava.greetWorld() }.await() shouldBe "Hello, world!"
                    Ends.ON_THE_LOOP.serving(GrpcSamplesInJava.greeter()) { channel ->
                        bodyOf { GrpcSamplesInJava.countTo(channel, 5) }.await() shouldContainExactly listOf(1, 2, 3, 4, 5)
                        bodyOf { GrpcSamplesInJava.firstAbove(channel, 3) }.await() shouldBe Optional.of(4)
                        bodyOf { GrpcSamplesInJava.sumOf(channel, 10) }.await() shouldBe 55
                        bodyOf { GrpcSamplesInJava.converse(channel, listOf("live", "reward")) }.await() shouldContainExactly
                            listOf("evil", "drawer")
                        bodyOf { GrpcSamplesInJava.greetInTime(channel, "Ada") }.await() shouldBe "no time for Ada"
                        bodyOf { GrpcSamplesInJava.greetByDeadline(channel, "Ada") }.await() shouldBe "DEADLINE_EXCEEDED for Ada"
                    }
                    Ends.ON_THE_LOOP.serving(GrpcSamplesInJava.accountant()) { channel ->
                        bodyOf { GrpcSamplesInJava.greetAndPay(channel, "Bob") }.await() shouldContainExactly
                            listOf("Hello, Bob! This is on Ada.", "3 cents")
                    }
                }
            }
        }

        test("in Java, on virtual time") { GrpcSamplesInJava.testInProcess() }
    })
