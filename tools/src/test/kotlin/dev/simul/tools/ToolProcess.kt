// SPDX-License-Identifier: Apache-2.0
package dev.simul.tools

import java.io.File
import java.nio.file.Path

/** What a tool that has ended has left. */
internal data class Ended(
    val status: Int,
    val out: String,
    val err: String,
)

/** Runs the tool that [arguments] begin with in a JVM of its own, with [input] piped in. */
internal fun runTool(
    vararg arguments: String,
    input: String = "",
    jvmArguments: List<String> = emptyList(),
): Ended {
    val err = File.createTempFile("simul-tool-", ".err")
    try {
        val process = ProcessBuilder(toolCommand(*arguments, jvmArguments = jvmArguments)).redirectError(err).start()
        process.outputStream.bufferedWriter().use { it.write(input) }
        val out = process.inputStream.bufferedReader().readText()
        return Ended(process.waitFor(), out, err.readText())
    } finally {
        err.delete()
    }
}

/** The command that runs the tool that [arguments] begin with, for a user whose files are in [home]. */
internal fun toolCommand(
    vararg arguments: String,
    jvmArguments: List<String> = emptyList(),
    home: Path = Path.of(System.getProperty("java.io.tmpdir")),
): List<String> {
    val java = Path.of(System.getProperty("java.home"), "bin", "java")
    val options = listOf("-XX:+UseSerialGC", "--add-opens=java.base/java.lang=ALL-UNNAMED", "--enable-native-access=ALL-UNNAMED")
    val main = listOf("-Duser.home=$home", "-cp", System.getProperty("java.class.path"), "dev.simul.tools.Main")
    return listOf("$java") + options + jvmArguments + main + arguments
}
