// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.gallery

import com.github.ajalt.clikt.testing.test
import com.github.ajalt.mordant.rendering.AnsiLevel
import dev.simul.demo.Demo
import dev.simul.demo.DemoProcess
import io.kotest.core.spec.style.FunSpec
import io.kotest.core.test.Enabled
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldBeUnique
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldEndWith
import io.kotest.matchers.string.shouldStartWith

class GalleryTest :
    FunSpec({
        for (article in gallery) {
            context(article.title) {
                for (program in article.programs) {
                    test("${program.name} prints in Kotlin what the article shows").config(enabledOrReasonIf = { program.enabled }) {
                        program.shouldPrint(Transcripts(program.name).kotlin, inJava = false)
                    }

                    test("${program.name} prints in Java what the article shows").config(enabledOrReasonIf = { program.enabled }) {
                        program.shouldPrint(Transcripts(program.name).java, inJava = true)
                    }
                }
            }
        }

        test("each program has a name of its own") {
            programs.map { it.name }.shouldBeUnique()
        }

        test("the list names each program, with its summary") {
            val list = Demo().test("list").stdout
            for (program in programs) {
                list shouldContain Regex("^ *${program.name} +${Regex.escape(program.summary)}$", RegexOption.MULTILINE)
            }
        }

        test("the list fits on a terminal") {
            val list = Demo().test("list", width = 80, outputInteractive = true).stdout
            list.lines().filter { it.length > 80 }.shouldBeEmpty()
            list.replace(Regex("\\s+"), " ") shouldContain programs.last().summary
        }

        test("a program that does not exist is refused, and the list is named") {
            val refused = Demo().test("waitre")
            refused.statusCode shouldBe 1
            refused.stderr shouldContain "no such subcommand waitre"
            refused.stderr shouldContain "waiter"
            refused.stderr shouldContain "simul demo list"
        }

        test("one program runs by its name, in the language that was asked for") {
            for (arguments in listOf(listOf("waiter", "--fast"), listOf("waiter", "--fast", "--java"))) {
                printed { Demo().test(*arguments.toTypedArray()).statusCode shouldBe 0 } shouldBe Transcripts("waiter").kotlin
            }
        }

        test("colors are for terminals") {
            for (arguments in listOf(listOf("makerandom", "--fast"), listOf("makerandom", "--fast", "--java"))) {
                val onTerminal = printed { Demo().test(*arguments.toTypedArray(), ansiLevel = AnsiLevel.ANSI16) }
                onTerminal shouldStartWith "\u001b[36mInitiated makerandom(1)."
                onTerminal.replace(Regex("\u001b\\[[0-9]+m"), "") shouldBe Transcripts("makerandom").kotlin
            }
        }

        test("Ctrl-C ends all programs, not only the one that runs").config(enabledOrReasonIf = DemoProcess.canBeInterrupted) {
            DemoProcess("all").use {
                it.await(Regex("Before sleep"))
                it.interrupt()
                it.rest().shouldBeEmpty()
                it.end() shouldBe 130
            }
        }

        for (language in listOf("Kotlin", "Java")) {
            test("all programs run one after the other in $language, and are counted") {
                printed {
                    val arguments = listOfNotNull("all", "--fast", "--java".takeIf { language == "Java" })
                    val result = Demo().test(*arguments.toTypedArray())
                    result.statusCode shouldBe 0
                    result.stdout shouldEndWith "${programs.count { it.canRun }} of ${programs.size} programs ran, in $language.\n"
                }
            }
        }
    })

private val Program.enabled get() = if (canRun) Enabled.enabled else Enabled.disabled("install ${needs!!.name}")

private fun Program.shouldPrint(
    transcript: String,
    inJava: Boolean,
) {
    val printed = printed { perform(inJava, fast = true) }
    if (inAnyOrder) words(printed) shouldBe words(transcript) else printed shouldBe transcript
}

private fun words(text: String) = text.split(Regex("\\s+")).sorted()
