// SPDX-License-Identifier: Apache-2.0
package dev.simul.process

import java.nio.file.Path

/** The command to run, and its environment. */
internal class ChildCommand(
    private val command: List<String>,
    private val stdin: Redirect?,
    private val stdout: Redirect?,
    private val stderr: Redirect?,
    private val cwd: Path?,
    private val env: Map<String, String>?,
) {
    /** The numbers of the standard streams that are pipes to this process. */
    val pipedStreams: List<Int> = listOf(stdin, stdout, stderr).withIndex().filter { it.value == PIPE }.map { it.index }

    fun toBuilder(): ProcessBuilder {
        val builder = ProcessBuilder(command)
        builder.redirectInput(stdin?.forInput() ?: ProcessBuilder.Redirect.INHERIT)
        builder.redirectOutput(stdout?.forOutput("stdout") ?: ProcessBuilder.Redirect.INHERIT)
        if (stderr == STDOUT) {
            builder.redirectErrorStream(true)
        } else {
            builder.redirectError(stderr?.forOutput("stderr") ?: ProcessBuilder.Redirect.INHERIT)
        }
        if (cwd != null) builder.directory(cwd.toFile())
        if (env != null) {
            builder.environment().clear()
            builder.environment().putAll(env)
        }
        return builder
    }

    companion object {
        /** The arguments that run [line] in the system's shell. */
        fun shell(line: String): List<String> =
            if (IS_WINDOWS) listOf(System.getenv("ComSpec") ?: "cmd.exe", "/c", line) else listOf("/bin/sh", "-c", line)
    }
}
