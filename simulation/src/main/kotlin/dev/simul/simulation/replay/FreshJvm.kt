// SPDX-License-Identifier: Apache-2.0
package dev.simul.simulation.replay

import java.io.OutputStream
import java.nio.file.Path
import kotlin.concurrent.thread
import kotlin.io.path.div
import kotlin.io.path.readText

/**
 * Runs [main] with [arguments] in a child process, a JVM like this one, and returns when it has ended. Its options and its output go to
 * files in [folder]. If the calling thread is interrupted, the child is killed; [endWithParent] has it end with this process, too.
 *
 * @throws IllegalStateException if it ends with another status than 0; the message has what it printed.
 */
internal fun runInFreshJvm(
    main: Class<*>,
    arguments: List<String>,
    folder: Path,
) {
    val output = folder / "output"
    val command = jvmCommand(main, arguments, folder / "options")
    val child = ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output.toFile()).start()
    try {
        val status = child.waitFor()
        check(status == 0) { "the fresh JVM ended with status $status: ${output.readText().trim().takeLast(MAX_OUTPUT)}" }
    } finally {
        child.destroyForcibly().onExit().join()
        child.outputStream.close()
    }
}

/** In the child: ends this process when its parent does, of which the standard input tells. */
internal fun endWithParent() {
    thread(isDaemon = true, name = "simul-parent-watch") {
        System.`in`.transferTo(OutputStream.nullOutputStream())
        Runtime.getRuntime().halt(1)
    }
}

private const val MAX_OUTPUT = 4_000
