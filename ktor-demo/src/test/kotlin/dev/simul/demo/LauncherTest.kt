package dev.simul.demo

import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.shouldBe
import java.io.File
import java.util.concurrent.TimeUnit

/** What `./simul` makes of its surroundings, with something that is no Java. */
class LauncherTest :
    FunSpec({
        val knowsUtf8 =
            programAt(
                "locale",
            ) != null && said(listOf("locale", "-a")).lines().any { it.lowercase() in setOf("c.utf8", "c.utf-8") }

        test("in a locale that knows ASCII alone, the JVM gets one that knows all characters").config(enabled = knowsUtf8) {
            val top = tempdir()
            File("../simul").copyTo(File(top, "simul")).setExecutable(true)
            File(top, "ktor-demo/target").mkdirs()
            File(top, "ktor-demo/target/simul-ktor-demo.jar").createNewFile()
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
