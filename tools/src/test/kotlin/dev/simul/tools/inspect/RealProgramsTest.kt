// SPDX-License-Identifier: Apache-2.0
package dev.simul.tools.inspect

import dev.simul.house.Jdk
import dev.simul.tools.inspect.top.PtyScreen
import dev.simul.tools.repl.Terminal
import dev.simul.tools.runTool
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldBeEmpty
import io.kotest.matchers.string.shouldContain
import kotlinx.serialization.json.Json
import kotlinx.serialization.json.jsonArray
import kotlinx.serialization.json.jsonObject
import kotlinx.serialization.json.jsonPrimitive

/** Programs of this library, as users start them, in Kotlin and in Java on each carrier, on each JDK that there is. */
class RealProgramsTest :
    FunSpec({
        for (jdk in Jdk.all()) {
            test("a program in Kotlin on $jdk is looked into") { lookInto(shop(jdk), "Shop", "kt") }
            for (carrier in carriersOf(jdk)) {
                test(
                    "a program in Java, on $jdk and carrier $carrier, is looked into",
                ) { lookInto(shopInJava(jdk, carrier), "ShopInJava", "java") }
            }

            test("top shows who holds the loop of a program on $jdk").config(enabled = Terminal.isThere) {
                shop(jdk, "busy").use { program ->
                    PtyScreen(24, 120, "top", "--interval", "0.3", "${program.pid}").use { screen ->
                        screen.await("prices")
                        screen.await("Lock.acquire of <Lock [locked")
                        screen.type("/Lock\r")
                        screen.awaitThat("two tasks are left") { "2 tasks with 'Lock'" in it && "transfer  " !in it }
                        screen.type("\r")
                        screen.await("|   async dev.simul.tools.inspect.Shop.move(Shop.kt:")
                        screen.type("q")
                        screen.end() shouldBe 0
                    }
                    program.end().shouldBeEmpty()
                }
            }
        }
    })

private fun shop(
    jdk: Jdk,
    vararg arguments: String,
) = Program("dev.simul.tools.inspect.Shop", *arguments, home = jdk.home).awaitLine("ready")

private fun shopInJava(
    jdk: Jdk,
    carrier: String,
): Program {
    val opening = if (carrier == "pumped") listOf("--add-opens=java.base/java.lang=ALL-UNNAMED") else emptyList()
    val options = opening + "-Dsimul.carrier=$carrier"
    return Program("dev.simul.tools.inspect.ShopInJava", options = options, home = jdk.home).awaitLine("ready")
}

private fun carriersOf(jdk: Jdk) =
    listOf("platform" to 17, "virtual" to 21, "pumped" to 24)
        .filter {
            jdk.feature >= it.second
        }.map { it.first }

/** All three tools show the deadlock, whom it keeps waiting, and who refuses to end; and the program prints nothing. */
private fun lookInto(
    shop: Program,
    name: String,
    extension: String,
) = shop.use { program ->
    val table = runTool("ps", "${program.pid}")
    table.err.shouldBeEmpty()
    table.status shouldBe 0
    table.out shouldContain "loop 1 in thread main: idle, 5 tasks"
    for ((task, other) in listOf("save" to "spend", "spend" to "save")) {
        val waitingFor = "Lock.acquire of <Lock \\[locked, waiters:1]>, last acquired by $other"
        table.out shouldContain Regex("\n *\\d+  $task +waiting .* $waitingFor +transfer\n")
    }
    table.out shouldContain Regex("\n *\\d+  backup +waiting .*\\($name.$extension:\\d+\\) .* 1\n")

    val tree = runTool("pstree", "--stacks", "${program.pid}")
    tree.err.shouldBeEmpty()
    tree.out shouldContain Regex("\n├── \\(T\\) transfer  .*waiting for the end of the task group's save, spend\n")
    tree.out shouldContain Regex("\n│   ├── \\(T\\) save  .*waiting for Lock.acquire of")
    tree.out shouldContain Regex("\n│   │     \\| {3}(async )?dev.simul.tools.inspect.$name.move\\($name.$extension:\\d+\\)\n")

    val json = Json.parseToJsonElement(runTool("ps", "--json", "${program.pid}").out).jsonObject
    val tasks = json.getValue("loops").jsonArray.single().jsonObject.getValue("tasks").jsonArray.map { it.jsonObject }
    val ids = tasks.associate { it.getValue("name").jsonPrimitive.content to it.getValue("id") }
    tasks.single { it["name"] == Json.parseToJsonElement("\"transfer\"") }["awaits"] shouldBe
        Json.parseToJsonElement("[${ids["save"]}, ${ids["spend"]}]")

    runTool("top", "--once", "--interval", "0.3", "${program.pid}").out shouldContain Regex("\n +1  main +idle ")
    program.end().shouldBeEmpty()
}
