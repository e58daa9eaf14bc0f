// SPDX-License-Identifier: Apache-2.0
package dev.simul.tools.inspect

import dev.simul.docs.DiagnosisGuide
import dev.simul.tools.runTool
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldStartWith
import kotlinx.serialization.json.Json
import kotlinx.serialization.json.jsonArray
import kotlinx.serialization.json.jsonObject
import kotlinx.serialization.json.jsonPrimitive

class GuideTest :
    FunSpec({
        /** Without what differs from run to run, the lines of the runtime, and the columns that stand apart for it. */
        fun normalized(text: String) =
            text
                .replace(Regex("\\b(age|[0-9.]+m?s|[0-9]+m[0-9]+s)\\b"), "")
                .replace(Regex("ForkJoinPool\\S*|0x[0-9a-f]+"), "")
                .replace(Regex("\\b(Event|Runner)\\.kt:\\d+"), "$1.kt")
                .lines()
                .joinToString("\n") { it.replace(Regex(" +"), " ").trim() }
                .trim()

        /** As [normalized], for a look of `top`: tasks may have any order, and the busy one is ready now and then. */
        fun normalizedLook(text: String) =
            normalized(text.replace("(ready)", "sleep, 1ms left"))
                .replace(Regex("(?<=\\s)(running|idle|-)(?=\\s)|\\d+(\\.\\d+)?"), "")
                .lines()
                .map { it.replace(Regex(" +"), " ").trim() }
                .sorted()

        /** What the guide shows as the answer to a command. */
        fun shown(tool: String): String {
            val block = Regex("```console\n\\$ ./simul $tool 4711[^\n]*\n(.*?)```", RegexOption.DOT_MATCHES_ALL).find(DiagnosisGuide.text)!!
            return block.groupValues[1]
        }

        for (tool in listOf("ps", "pstree")) {
            test("'simul $tool' shows of the shop what the guide shows") {
                Program("dev.simul.tools.inspect.Shop").awaitLine("ready").use { shop ->
                    normalized(runTool(tool, "${shop.pid}").out) shouldBe normalized(shown(tool))
                }
            }
        }

        test("'simul top' shows of the busy shop what the guide shows") {
            Program("dev.simul.tools.inspect.Shop", "busy").awaitLine("ready").use { shop ->
                val shown = shown("top --once")
                normalizedLook(runTool("top", "--once", "${shop.pid}").out) shouldBe normalizedLook(shown)
                Regex("prices +[5-9]\\d\\.\\d%").containsMatchIn(shown) shouldBe true
            }
        }

        test("'simul ps' shows of the shop that leaks what the guide shows, and counts its tasks so") {
            Program("dev.simul.tools.inspect.LeakingShop").awaitLine("ready").use { shop ->
                val listed = normalized(runTool("ps", "--stacks", "${shop.pid}").out)
                val (beginning, rest) = normalized(shown("ps --stacks")).split("\n...")
                listed shouldStartWith "$beginning\n"
                rest shouldBe ""
                normalized(counted(runTool("ps", "--json", "${shop.pid}").out)) shouldBe normalized(shown("ps --json"))
            }
        }

        test("the guide has each key of top and each exit status") {
            val guide = DiagnosisGuide.text
            Why.entries.forEach { check("\n| ${it.status} |" in guide) { "the guide lacks the exit status ${it.status}" } }
            for (key in "jkgGltawnr/p?q") check("`$key`" in guide) { "the guide lacks the key $key" }
        }
    })

/** As `jq`, `sort` and `uniq` count the tasks by what they run and wait for. */
private fun counted(json: String): String {
    val tasks = Json.parseToJsonElement(json).jsonObject["loops"]!!.jsonArray.flatMap { it.jsonObject["tasks"]!!.jsonArray }
    val waits =
        tasks
            .map {
                it.jsonObject
            }.map { "${it["coroutine"]!!.jsonPrimitive.content}  ${it["waitingFor"]!!.jsonPrimitive.content}" }
    val counts = waits.groupingBy { it }.eachCount().map { (wait, count) -> "$count $wait" }
    return counts.sortedWith(compareByDescending<String> { it.substringBefore(' ').toInt() }.thenByDescending { it }).joinToString("\n")
}
