// SPDX-License-Identifier: Apache-2.0
package dev.simul.netty.docs

import dev.simul.netty.await
import dev.simul.netty.onLoop
import dev.simul.testing.runTest
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import kotlin.time.Duration.Companion.hours

class NettySamplesTest :
    FunSpec({
        test("a question to the echo") {
            onLoop {
                val server = echoServer()
                ask(server.localAddress(), "hello") shouldBe "hello"
                await(server.close())
            }
        }

        test("the same in Java") { NettySamplesInJava.answer("hello") shouldBe "hello" }

        test("beats on virtual time") { runTest { beats(3) shouldBe listOf(1.hours, 2.hours, 3.hours) } }
    })
