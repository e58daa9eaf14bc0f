// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.gallery

import org.slf4j.LoggerFactory
import java.io.ByteArrayOutputStream
import java.io.PrintStream

/**
 * What a program prints: `NAME.txt` in the resources, on whose times it runs when it runs fast. Python prints the same unless there is
 * a `NAME.python.txt`, and so does Java unless there is a `NAME.java.txt`.
 */
internal class Transcripts(
    private val name: String,
) {
    val kotlin: String get() = read("$name.txt") ?: error("there is no transcript of $name: write src/test/resources/gallery/$name.txt")

    val java: String get() = read("$name.java.txt") ?: kotlin

    val python: String get() = read("$name.python.txt") ?: kotlin

    private fun read(file: String): String? = javaClass.getResource("/gallery/$file")?.readText()
}

/** All that [block] prints, on both streams, but for the lines of stack traces, which change with every compiler. */
internal fun printed(block: () -> Unit): String {
    LoggerFactory.getILoggerFactory() // The first use of SLF4J prints which provider it takes.
    val bytes = ByteArrayOutputStream()
    val stream = PrintStream(bytes, true, Charsets.UTF_8)
    val out = System.out
    val err = System.err
    System.setOut(stream)
    System.setErr(stream)
    try {
        block()
    } finally {
        System.setOut(out)
        System.setErr(err)
    }
    return bytes.toString(Charsets.UTF_8).replace(framesOfTraces, "")
}

private val framesOfTraces = Regex("^\\s+at .+\n", RegexOption.MULTILINE)
