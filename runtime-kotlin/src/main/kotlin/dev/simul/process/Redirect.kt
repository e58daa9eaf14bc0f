// SPDX-License-Identifier: Apache-2.0
package dev.simul.process

import java.io.File
import java.nio.file.Path

/**
 * The source or target of one of a child's standard streams. Null in its place means this process's stream.
 *
 * Source: the values of the arguments `stdin`, `stdout` and `stderr` of `asyncio.create_subprocess_exec`.
 */
public class Redirect private constructor(
    private val name: String,
    private val input: ProcessBuilder.Redirect?,
    private val output: ProcessBuilder.Redirect?,
) {
    internal fun forInput(): ProcessBuilder.Redirect =
        requireNotNull(input) { "stdin cannot be $this: choose PIPE, DEVNULL, Redirect.from(path), or null for that of this process" }

    internal fun forOutput(stream: String): ProcessBuilder.Redirect =
        requireNotNull(output) { "$stream cannot be $this: choose PIPE, DEVNULL, Redirect.to(path), or null for that of this process" }

    override fun toString(): String = name

    public companion object {
        internal val pipe = Redirect("PIPE", ProcessBuilder.Redirect.PIPE, ProcessBuilder.Redirect.PIPE)
        internal val stdout = Redirect("STDOUT", null, null)
        internal val devnull = Redirect("DEVNULL", ProcessBuilder.Redirect.from(nullDevice()), ProcessBuilder.Redirect.DISCARD)

        private fun nullDevice() = File(if (IS_WINDOWS) "NUL" else "/dev/null")

        /** Reads from the file at [path]. */
        public fun from(path: Path): Redirect = Redirect("Redirect.from($path)", ProcessBuilder.Redirect.from(path.toFile()), null)

        /** Writes to the file at [path], which is truncated or created first. */
        public fun to(path: Path): Redirect = Redirect("Redirect.to($path)", null, ProcessBuilder.Redirect.to(path.toFile()))

        /** Appends to the file at [path], which is created if it does not exist. */
        public fun appendTo(path: Path): Redirect =
            Redirect("Redirect.appendTo($path)", null, ProcessBuilder.Redirect.appendTo(path.toFile()))
    }
}

/** A pipe to this process. Source: `asyncio.subprocess.PIPE`. */
public val PIPE: Redirect = Redirect.pipe

/** For `stderr` only: the same as `stdout`. Source: `asyncio.subprocess.STDOUT`. */
public val STDOUT: Redirect = Redirect.stdout

/** An empty input, or an output that is dropped. Source: `asyncio.subprocess.DEVNULL`. */
public val DEVNULL: Redirect = Redirect.devnull

internal val IS_WINDOWS: Boolean = System.getProperty("os.name").startsWith("Windows")
