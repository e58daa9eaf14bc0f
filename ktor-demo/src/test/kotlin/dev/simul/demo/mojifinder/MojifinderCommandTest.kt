// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.mojifinder

import com.github.ajalt.clikt.testing.test
import dev.simul.demo.Demo
import dev.simul.demo.DemoProcess
import dev.simul.demo.LOOPBACK
import dev.simul.demo.shouldRefuse
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldBeEmpty
import io.kotest.matchers.string.shouldContain
import java.net.InetAddress
import java.net.ServerSocket
import java.net.URI

class MojifinderCommandTest :
    FunSpec({
        test("a mistake is told in one line, with its value and what to do") {
            fun shouldFail(
                message: String,
                vararg arguments: String,
            ) = shouldRefuse(message, "mojifinder", *arguments)
            shouldFail("there is nothing to serve: give --tcp PORT, --web PORT or both")
            shouldFail("--java serves TCP alone: give --tcp PORT and no --web", "--java")
            shouldFail("--java serves TCP alone: give --tcp PORT and no --web", "--java", "--tcp", "0", "--web", "0")
            shouldFail("--tcp: 65536 is not in the valid range of 0 to 65535", "--tcp", "65536")
            shouldFail("--web: http is not a valid integer", "--web", "http")
        }

        test("both servers at once are shut down by Ctrl-C").config(enabledOrReasonIf = DemoProcess.canBeInterrupted) {
            DemoProcess("mojifinder", "--tcp", "0", "--web", "0").use { demo ->
                val port = demo.await(Regex("""^Serving on \('127.0.0.1', (\d+)\)""")).groupValues[1].toInt()
                val page = demo.await(Regex("^Serving on (http://127.0.0.1:[0-9]+/) Hit CTRL-C to stop.$")).groupValues[1]
                TcpClient(port).use { client ->
                    client.untilPrompt()
                    URI("${page}search?q=digit+eight").toURL().readText() shouldContain """{"char":"8","name":"DIGIT EIGHT"}"""
                    client.ask("digit eight") shouldContain "DIGIT EIGHT"
                    demo.interrupt()
                    client.isHungUp() shouldBe true
                }
                demo.end() shouldBe 0
                demo.out.last() shouldBe "Server shut down."
                demo.complaints.shouldBeEmpty()
            }
        }

        test("when the port of one is in use, the other is not left running") {
            ServerSocket(0, 1, InetAddress.getByName(LOOPBACK)).use { taken ->
                DemoProcess("mojifinder", "--tcp", "0", "--web", "${taken.localPort}").use { demo ->
                    demo.end() shouldBe 1
                    demo.complaints.single() shouldContain "(--web 0 finds one)"
                }
            }
        }
    })
