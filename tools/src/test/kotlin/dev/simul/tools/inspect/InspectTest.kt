// SPDX-License-Identifier: Apache-2.0
package dev.simul.tools.inspect

import dev.simul.house.Jdk
import dev.simul.tools.Ended
import dev.simul.tools.runTool
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldBeEmpty
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldNotContain
import io.kotest.matchers.string.shouldStartWith
import kotlinx.serialization.json.Json
import kotlinx.serialization.json.jsonArray
import kotlinx.serialization.json.jsonObject
import kotlinx.serialization.json.jsonPrimitive
import java.nio.file.Files
import java.nio.file.Path

class InspectTest :
    FunSpec({
        fun fake(
            mode: String,
            vararg options: String,
            home: String = System.getProperty("java.home"),
        ) = Program("dev.simul.tools.inspect.FakeLoops", mode, options = options.toList(), home = home).awaitLine("ready")

        fun refused(
            status: Int,
            message: String,
            vararg arguments: String,
        ) {
            val ended = runTool(*arguments)
            ended.err.trim().lines().size shouldBe 1
            ended.err shouldStartWith "simul ${arguments.first()}: "
            ended.err shouldContain message
            ended.out.shouldBeEmpty()
            ended.status shouldBe status
        }

        for (jdk in Jdk.all()) {

            test("a JVM that was started without anything is looked into, and prints nothing, on $jdk") {
                fake("shapes", home = jdk.home).use { program ->
                    val table = runTool("ps", "${program.pid}")
                    table.err.shouldBeEmpty()
                    table.status shouldBe 0
                    table.out shouldContain "loop 1 in thread main: idle, 3 tasks, 1 ready, lag 0.34ms\n"
                    table.out shouldContain Regex("\n +2  save +waiting +\\S+  Shop.save\\(Shop.kt:2\\) +sleep +Task-1\n")
                    table.out shouldContain "it has been busy for 3.0s in crunch"

                    val tree = runTool("pstree", "--stacks", "${program.pid}")
                    tree.err.shouldBeEmpty()
                    tree.out shouldContain "└── (T) Task-1  Shop.Task-1(Shop.kt:1)  waiting for sleep\n"
                    tree.out shouldContain "    ├── (T) save  Shop.save(Shop.kt:2)  waiting for sleep\n"
                    tree.out shouldContain "    │     |   async shop.Shop.inner2(Shop.kt:12)\n"

                    val live = runTool("top", "--once", "--interval", "0.2", "${program.pid}")
                    live.err.shouldBeEmpty()
                    live.status shouldBe 0
                    live.out shouldStartWith "simul top   ${program.pid} dev.simul.tools.inspect.FakeLoops shapes   4 tasks   every 200ms\n"
                    live.out shouldContain Regex("\n +1  main +idle +\\S+%  0.34ms +\\d+ +1 +3 +- +-\n")

                    program.end().shouldBeEmpty()
                }
            }
        }

        test("scripts get JSON, with nothing around it") {
            fake("shapes").use { program ->
                val loops = Json.parseToJsonElement(runTool("ps", "--json", "${program.pid}").out).jsonObject.getValue("loops").jsonArray
                val names =
                    loops
                        .flatMap {
                            it.jsonObject
                                .getValue(
                                    "tasks",
                                ).jsonArray
                        }.map { it.jsonObject.getValue("name").jsonPrimitive.content }
                names shouldBe listOf("Task-1", "save", "spend", "crunch")
                val tree = Json.parseToJsonElement(runTool("pstree", "--json", "${program.pid}").out).jsonObject
                tree.getValue("roots").jsonArray.map { it.jsonPrimitive.content } shouldBe listOf("1", "4")
            }
        }

        test("thousands of tasks are shown, each") {
            fake("many").use { program -> runTool("ps", "${program.pid}").out.trim().lines().size shouldBe 5_002 }
        }

        test("a loop whose bean comes late is waited for") {
            fake("late").use { program -> runTool("ps", "${program.pid}").out shouldContain "loop 1 in thread main" }
        }

        test("a process that is not there, or no JVM, is told in a line, and goes on") {
            refused(3, "there is no process 99999999: ", "ps", "99999999")
            val sleep = ProcessBuilder("sleep", "60").start()
            try {
                refused(5, "process ${sleep.pid()} is no JVM: ", "pstree", "${sleep.pid()}")
                sleep.isAlive shouldBe true
            } finally {
                sleep.destroyForcibly()
            }
        }

        test("a JVM without a loop is told in a line, and prints nothing") {
            fake("none").use { program ->
                refused(7, "process ${program.pid} runs no event loop of Simul", "ps", "${program.pid}")
                program.end().shouldBeEmpty()
            }
            fake("empty").use { program -> refused(7, "process ${program.pid} runs no event loop now", "top", "--once", "${program.pid}") }
        }

        test("a bean of another version is told in a line") {
            fake("broken").use { program -> refused(1, "process ${program.pid} cannot tell of its loops", "ps", "${program.pid}") }
        }

        test("a JVM that does not let itself be attached to is told in a line, and does not print its threads") {
            for (options in listOf(listOf("-XX:+DisableAttachMechanism"), listOf("-XX:+DisableAttachMechanism", "-XX:-UsePerfData"))) {
                fake("shapes", *options.toTypedArray()).use { program ->
                    refused(
                        5,
                        "process ${program.pid} was started with -XX:+DisableAttachMechanism: start it without",
                        "ps",
                        "${program.pid}",
                    )
                    program.end().shouldBeEmpty()
                }
            }
        }

        test("a JVM that knows no signals is looked into, too, and lives") {
            fake("shapes", "-Xrs").use { program ->
                runTool("ps", "${program.pid}").out shouldContain "loop 1 in thread main"
                program.end().shouldBeEmpty()
            }
        }

        test("a JVM that is stopped is told in a line") {
            fake("shapes").use { program ->
                program.signal("STOP")
                refused(5, "process ${program.pid} is stopped, and cannot answer: let it continue by 'kill -CONT", "ps", "${program.pid}")
                program.signal("CONT")
                runTool("ps", "${program.pid}").status shouldBe 0
            }
        }

        test("an image without a management agent is told in a line, with the module that it needs").config(enabled = jlink != null) {
            val image = imageOf("java.management", tempdir().toPath().resolve("image"))
            fake("shapes", home = image).use { program ->
                refused(6, "an image by jlink needs --add-modules jdk.management.agent", "ps", "${program.pid}")
                program.end().shouldBeEmpty()
            }
        }

        test("an image with one is looked into").config(enabled = jlink != null) {
            val image = imageOf("jdk.management.agent", tempdir().toPath().resolve("image"))
            fake("shapes", home = image).use { program ->
                runTool("ps", "${program.pid}").out shouldContain "loop 1 in thread main"
                program.end().shouldBeEmpty()
            }
        }

        test("without a PID, the JVMs are listed") {
            fake("none").use { program ->
                val list = runTool("ps")
                list.out shouldContain Regex("(?m)^ *${program.pid}  dev.simul.tools.inspect.FakeLoops none$")
                list.out shouldContain "'simul ps PID' looks into one of these JVMs"
                list.out shouldNotContain Regex("(?m) dev.simul.tools.Main ps$")
                list.status shouldBe 0
            }
        }

        test("a mistake in the arguments is told in one line") {
            refused(2, "'simul ps --help' tells the options.", "ps", "nonsense")
            refused(2, "'simul ps --help' tells the options.", "ps", "0")
            refused(2, "'simul pstree --help' tells the options.", "pstree", "--nonsense", "1")
            refused(2, "--iterations needs --batch", "top", "--iterations", "3", "1")
            refused(2, "stdin and stdout are not both a terminal: --once or --batch print text", "top", "1")
        }

        test("the help tells the options and the exit statuses") {
            for (tool in listOf("ps", "pstree", "top")) {
                val help = runTool(tool, "--help")
                help.out shouldContain "Usage: simul $tool "
                help.out shouldContain "Exit status"
                help.status shouldBe 0
            }
        }

        test("without a whole JDK, one line says so") {
            val ended = runTool("ps", "1", jvmArguments = listOf("--limit-modules=java.se,jdk.unsupported"))
            ended.copy(err = ended.err.replace(Regex(": .* is no"), ": JDK is no")) shouldBe
                Ended(1, "", "simul ps: JDK is no whole JDK, it lacks jdk.attach: set JAVA_HOME to one.\n")
        }
    })

/** The linker of this JDK, or of another one that has what it links. */
private val jlink: Path? = Jdk.all().map { Path.of(it.home) }.find { Files.isDirectory(it.resolve("jmods")) }?.resolve("bin/jlink")

private fun imageOf(
    module: String,
    image: Path,
): String {
    val linking = ProcessBuilder("$jlink", "--add-modules", module, "--output", "$image").inheritIO().start()
    check(linking.waitFor() == 0) { "jlink has failed" }
    return "$image"
}
