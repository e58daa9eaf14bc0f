// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo

import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.shouldBe
import io.kotest.matchers.shouldNotBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldNotContain
import java.io.File
import java.util.concurrent.TimeUnit

/** What `./simul` makes of its surroundings, with something that is no Java and no Maven; `.ci/launcher` tries it with both. */
class LauncherTest :
    FunSpec({
        val knowsUtf8 =
            programAt(
                "locale",
            ) != null && said(listOf("locale", "-a")).lines().any { it.lowercase() in setOf("c.utf8", "c.utf-8") }

        test("each command builds what it needs and no more, whatever was built before it").config(enabled = isUnix) {
            val commands =
                mapOf(
                    listOf("bench", "memory") to "benchmarks package",
                    listOf("demo") to "ktor-demo package",
                    listOf("repl") to "tools package",
                    listOf("conformance") to "runtime-kotlin test-compile",
                    listOf("conformance", "--facade") to "java-facade test-compile",
                )
            for (order in ordersOf(commands.keys.toList())) {
                val checkout = Checkout(tempdir())
                for (command in order) checkout.start(command).say() shouldContain "java: "
                checkout.built shouldBe order.map { commands[it] }
                for (command in order) checkout.start(command).say() shouldContain "java: "
                checkout.built.size shouldBe order.size
            }
        }

        test("what is newer than its product is built again, and so is what is not whole any more").config(enabled = isUnix) {
            val checkout = Checkout(tempdir())
            checkout.start(listOf("conformance")).say() shouldContain "java: "
            val source = File(checkout.top, "runtime-kotlin/src/test/kotlin/Main.kt").apply { parentFile.mkdirs() }
            source.createNewFile()
            source.setLastModified(System.currentTimeMillis() + 60_000)
            checkout.start(listOf("conformance")).say() shouldContain "java: "
            checkout.built.size shouldBe 2
            source.setLastModified(0)
            File(checkout.top, "classes").deleteRecursively()
            checkout.start(listOf("conformance")).say() shouldContain "java: "
            checkout.built.size shouldBe 3
        }

        test("of launchers that are started at once one builds, and the others wait for it").config(enabled = isUnix) {
            val checkout = Checkout(tempdir(), afterBuilding = "until [ -e \$top/finish ]; do sleep 0.01; done")
            val first = checkout.start(listOf("demo"))
            first.line() shouldContain "simul: building ktor-demo"
            val others = List(3) { checkout.start(listOf("demo")) }
            for (other in others) other.line() shouldBe "simul: waiting for another build to end"
            File(checkout.top, "finish").createNewFile()
            for (launcher in others + first) launcher.say() shouldContain "java: "
            checkout.built shouldBe listOf("ktor-demo package")
        }

        for ((how, what) in mapOf("fails" to "echo no such thing; exit 1", "is cut off" to "kill -TERM \$PPID; exit 0")) {
            test("a build that $how half-way leaves nothing that passes for its product").config(enabled = isUnix) {
                val checkout = Checkout(tempdir(), afterBuilding = "[ -e \$top/repaired ] || { $what; }")
                val broken = checkout.start(listOf("demo"))
                broken.say() shouldNotContain "java: "
                broken.status() shouldNotBe 0
                File(checkout.top, "repaired").createNewFile()
                checkout.start(listOf("demo")).say() shouldContain "java: "
                checkout.built.size shouldBe 2
            }
        }

        test("a closed stdin is an empty one").config(enabled = isUnix) {
            val checkout = Checkout(tempdir(), java = "wc -c")
            val closing = listOf("sh", "-c", "exec \"$@\" <&-", "sh")
            checkout.start(listOf("demo"), closing).say().trim().lines().last().trim() shouldBe "0"
        }

        test("a checkout that cannot be written to says so, and runs what is built").config(enabled = isUnix && canLowerRights) {
            val checkout = Checkout(tempdir())
            checkout.start(listOf("demo")).say() shouldContain "java: "
            checkout.makeReadOnly()
            checkout.start(listOf("demo"), asNobody).say() shouldContain "java: "
            val refused = checkout.start(listOf("bench"), asNobody)
            refused.say().trim() shouldBe
                "simul: benchmarks must be built, and ${checkout.top} cannot be written to: copy it to where it can be."
            refused.status() shouldBe 1
        }

        test("in a locale that knows ASCII alone, the JVM gets one that knows all characters").config(enabled = knowsUtf8) {
            val top = tempdir()
            File("../simul").copyTo(File(top, "simul")).setExecutable(true)
            for (jar in listOf("ktor-demo/target/simul-ktor-demo.jar", "tools/target/simul-tools.jar")) {
                File(top, jar).apply { parentFile.mkdirs() }.createNewFile()
            }
            val java = File(top, "jdk/bin/java").apply { parentFile.mkdirs() }
            java.writeText("#!/bin/sh\nlocale charmap\n")
            java.setExecutable(true)
            for (command in listOf("demo", "repl")) {
                for (locale in listOf("C", "POSIX", "C.UTF-8")) {
                    val environment = mapOf("LC_ALL" to locale, "JAVA_HOME" to "$top/jdk")
                    said(listOf("$top/simul", command), environment).trim() shouldBe "UTF-8"
                }
            }
        }
    })

private val isUnix = !System.getProperty("os.name").startsWith("Windows")

/** What runs a command without the rights of the superuser, whom no permission keeps from writing. */
private val asNobody: List<String> =
    if (System.getProperty("user.name") == "root") {
        listOf("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups")
    } else {
        emptyList()
    }

private val canLowerRights = asNobody.isEmpty() || programAt(asNobody.first()) != null

/** The launcher in a folder of its own, with a Maven and a Java that only say what they are asked for. */
private class Checkout(
    folder: File,
    afterBuilding: String = "",
    java: String = "echo java: \$*",
) {
    val top: File = folder.canonicalFile
    private val asked = File(top, "asked")

    /** The modules that were built, and up to which phases. */
    val built: List<String> get() = if (asked.exists()) asked.readLines() else emptyList()

    init {
        File("../simul").copyTo(File(top, "simul")).setExecutable(true)
        program("jdk/bin/java", java)
        program(
            "bin/mvn",
            """
            top=$top
            while [ ${'$'}# -gt 0 ]; do
                case ${'$'}1 in
                    -pl) module=${'$'}2; shift ;;
                    package | test-compile) phase=${'$'}1 ;;
                esac
                shift
            done
            echo ${'$'}module ${'$'}phase >>${'$'}top/asked
            mkdir -p ${'$'}top/${'$'}module/target ${'$'}top/classes
            case ${'$'}phase in
                package) touch ${'$'}top/${'$'}module/target/simul-${'$'}module.jar ;;
                test-compile) echo ${'$'}top/classes >${'$'}top/${'$'}module/target/test.classpath ;;
            esac
            $afterBuilding
            """.trimIndent(),
        )
    }

    private fun program(
        path: String,
        script: String,
    ) {
        val file = File(top, path).apply { parentFile.mkdirs() }
        file.writeText("#!/bin/sh\n$script\n")
        file.setExecutable(true, false)
    }

    fun start(
        command: List<String>,
        shell: List<String> = emptyList(),
    ) = Started(shell + "$top/simul" + command, mapOf("JAVA_HOME" to "$top/jdk", "PATH" to "$top/bin:" + System.getenv("PATH")))

    /** Takes away everybody's right to write, and gives everybody that to read. */
    fun makeReadOnly() = check(ProcessBuilder("chmod", "-R", "a+rX,a-w", "$top").start().waitFor() == 0)
}

/** A program under way. */
private class Started(
    command: List<String>,
    environment: Map<String, String>,
) {
    private val process =
        ProcessBuilder(command).redirectErrorStream(true).apply { environment() += environment }.start()

    private val output = process.inputReader()

    /** The next line that it says, on stdout or on stderr. */
    fun line(): String? = output.readLine()

    /** All the rest that it says. */
    fun say(): String = output.readText()

    fun status(): Int {
        check(process.waitFor(60, TimeUnit.SECONDS)) { "it goes on" }
        return process.exitValue()
    }
}

/** Permutations enough for each item to come next after each set of the others: always the one with most that is new, which makes them few. */
private fun <T> ordersOf(items: List<T>): List<List<T>> {
    val seen = HashSet<Pair<Set<T>, T>>()
    val steps = permutations(items).associateWith { order -> order.indices.map { order.take(it).toSet() to order[it] } }
    return generateSequence {
        val (order, its) = steps.maxBy { (_, its) -> its.count { it !in seen } }
        order.takeIf { seen.addAll(its) }
    }.toList()
}

private fun <T> permutations(items: List<T>): List<List<T>> =
    if (items.isEmpty()) listOf(emptyList()) else items.flatMap { first -> permutations(items - first).map { listOf(first) + it } }

/** What a program says on stdout. */
private fun said(
    command: List<String>,
    environment: Map<String, String> = emptyMap(),
): String {
    val builder = ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT)
    builder.environment() += environment
    val process = builder.start()
    val said = process.inputStream.readBytes().decodeToString()
    check(process.waitFor(60, TimeUnit.SECONDS)) { "$command goes on" }
    return said
}
