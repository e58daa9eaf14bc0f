// SPDX-License-Identifier: Apache-2.0
package dev.simul.tools

import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldBeEmpty
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldStartWith

class MainTest :
    FunSpec({
        test("without arguments, and by --help, it lists the tools") {
            val help = runTool("--help")
            help.out shouldStartWith "Usage: java -jar simul-tools.jar <tool> [arguments]\n"
            help.out shouldContain Regex("^ {2}repl {2,}\\S", RegexOption.MULTILINE)
            help.err.shouldBeEmpty()
            help.status shouldBe 0
            runTool() shouldBe help
        }

        test("a tool gets the arguments that follow its name") {
            runTool("repl", "--help").out shouldStartWith "Usage: simul repl "
        }

        test("a tool that does not exist is told in one line") {
            runTool("nonsense", "--help") shouldBe Ended(2, "", "simul-tools: unknown tool 'nonsense'; '--help' lists the tools.\n")
        }
    })
