// SPDX-License-Identifier: Apache-2.0
package dev.simul.peers

import dev.simul.net.until
import io.kotest.core.descriptors.Descriptor
import io.kotest.core.extensions.EnabledExtension
import io.kotest.core.test.Enabled
import java.io.File
import java.io.IOException
import java.util.concurrent.TimeUnit
import kotlin.concurrent.thread

/** A program of this machine that a test runs beside itself; it is killed when the test closes it. */
internal class Program(
    private val command: List<String>,
) : AutoCloseable {
    constructor(vararg command: String) : this(command.asList())

    private val process = ProcessBuilder(command).redirectErrorStream(true).start()
    private val said = ArrayList<String>()
    private val unheard = ArrayList<String>()
    private val listening =
        thread(isDaemon = true, name = "what ${command[0]} says") { process.inputReader().useLines { it.forEach(::hear) } }

    private fun hear(line: String) =
        synchronized(said) {
            said += line
            unheard += line
        }

    /** All that it has said so far, on stdout and stderr. */
    val output: String get() = synchronized(said) { said.joinToString("\n") }

    val isAlive: Boolean get() = process.isAlive

    fun tell(line: String) {
        process.outputStream.write("$line\n".encodeToByteArray())
        process.outputStream.flush()
    }

    /** Waits until it says something for which [matches] holds, whatever else it says; each line is heard once. */
    suspend fun line(matches: (String) -> Boolean): String {
        var heard: String? = null
        until {
            val hasEnded = !listening.isAlive
            heard = heard(matches)
            check(heard != null || !hasEnded) { "${command[0]} has ended with ${process.waitFor()}; it said:\n$output" }
            heard != null
        }
        return heard!!
    }

    fun heard(matches: (String) -> Boolean): String? = synchronized(said) { unheard.find(matches)?.also { unheard.remove(it) } }

    /** Waits until it has ended, and returns its exit status. */
    suspend fun status(): Int {
        until { !process.isAlive && !listening.isAlive }
        return process.exitValue()
    }

    override fun close() {
        process.descendants().forEach { it.destroyForcibly() }
        process.destroyForcibly().waitFor(30, TimeUnit.SECONDS)
    }
}

/** Disables the tests of a spec unless [command], of which nothing but its status counts, can be run on this machine. */
internal class Needing(
    vararg command: String,
) : EnabledExtension {
    private val enabled =
        try {
            val process = ProcessBuilder(*command).redirectErrorStream(true).redirectOutput(ProcessBuilder.Redirect.DISCARD).start()
            process.outputStream.close()
            val status = process.waitFor()
            if (status == 0) Enabled.enabled else Enabled.disabled("'${command.joinToString(" ")}' fails here with $status")
        } catch (e: IOException) {
            Enabled.disabled("${e.message}: install ${command[0]}")
        }

    override suspend fun isEnabled(descriptor: Descriptor): Enabled = enabled

    companion object {
        /** A CPython that runs the scripts of the tests. */
        fun python() = Needing("python3", "-c", "import asyncio, sys; sys.exit(sys.version_info < (3, 8))")
    }
}

/** Where Nginx is; administrators' programs need not be on everybody's path. */
internal val nginxCommand: String = listOf("/usr/sbin/nginx", "/usr/local/sbin/nginx").find { File(it).canExecute() } ?: "nginx"

const val LOOPBACK = "127.0.0.1"

/** Bytes of a pattern that is not a power of two long. */
internal fun pattern(size: Int): ByteArray = ByteArray(size) { (it % 251 * 31 % 251).toByte() }
