// SPDX-License-Identifier: Apache-2.0
package dev.simul.netty

import io.kotest.core.descriptors.Descriptor
import io.kotest.core.extensions.EnabledExtension
import io.kotest.core.test.Enabled
import java.io.File
import java.net.ServerSocket
import java.nio.file.Files
import java.nio.file.Path
import java.util.concurrent.TimeUnit

/**
 * A PostgreSQL of the tests' own, which keeps nothing safely: one database for all tests of this virtual machine, made when it is first
 * asked for, and one server at a time.
 */
internal class PostgresServer private constructor(
    val port: Int,
) : AutoCloseable {
    fun start() = control("start", "-w", "-l", "$home/log", "-o", options.joinToString(" ") { "-c $it" })

    /** Ends it as an operator does, who lets no client finish. */
    fun stop() = control("stop", "-w", "-m", "fast")

    override fun close() {
        if (Files.exists(home.resolve("data/postmaster.pid"))) control("stop", "-w", "-m", "immediate")
    }

    private val options =
        listOf(
            "port=$port",
            "listen_addresses=127.0.0.1",
            "unix_socket_directories=",
            "fsync=off",
            "full_page_writes=off",
            "synchronous_commit=off",
            "shared_buffers=16MB",
            "max_connections=60",
            "autovacuum=off",
        )

    companion object {
        const val USER = "simul"

        private val home: Path by lazy {
            val folder = Files.createTempDirectory("simul-postgres")
            if (isRoot) complete("chown", OWNER, "$folder")
            asOwner("initdb", "-D", "$folder/data", "-U", USER, "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")
            Runtime.getRuntime().addShutdownHook(
                Thread {
                    if (Files.exists(
                            folder.resolve("data/postmaster.pid"),
                        )
                    ) {
                        asOwner("pg_ctl", "-D", "$folder/data", "stop", "-m", "immediate")
                    }
                    folder.toFile().deleteRecursively()
                },
            )
            folder
        }

        fun start(): PostgresServer = PostgresServer(ServerSocket(0).use { it.localPort }).also { it.start() }

        private fun control(vararg arguments: String) = asOwner("pg_ctl", "-D", "$home/data", *arguments)
    }
}

/** Where the programs of PostgreSQL are; null if there are none. */
private val programs: File? =
    (File("/usr/lib/postgresql").listFiles().orEmpty().sortedDescending().map { File(it, "bin") } + path())
        .firstOrNull { File(it, "initdb").canExecute() && File(it, "pg_ctl").canExecute() }

private fun path() =
    System
        .getenv("PATH")
        .orEmpty()
        .split(File.pathSeparator)
        .map(::File)

/** A server refuses to be root's. */
private val isRoot = System.getProperty("user.name") == "root"

private const val OWNER = "postgres"

private fun asOwner(
    program: String,
    vararg arguments: String,
) {
    val user = if (isRoot) arrayOf("setpriv", "--reuid=$OWNER", "--regid=$OWNER", "--clear-groups") else emptyArray()
    complete(*user, "$programs/$program", *arguments)
}

private fun complete(vararg command: String) {
    val output = Files.createTempFile("simul-postgres", ".out")
    try {
        val process = ProcessBuilder(*command).redirectErrorStream(true).redirectOutput(output.toFile()).directory(File("/")).start()
        check(process.waitFor(60, TimeUnit.SECONDS)) { "${command.joinToString(" ")} takes longer than a minute" }
        check(process.exitValue() == 0) { "${command.joinToString(" ")} has failed: ${Files.readString(output)}" }
    } finally {
        Files.delete(output)
    }
}

/** Disables the tests of a spec where there is no PostgreSQL. */
internal object NeedingPostgres : EnabledExtension {
    val isThere: Boolean get() = programs != null

    override suspend fun isEnabled(descriptor: Descriptor): Enabled =
        if (isThere) Enabled.enabled else Enabled.disabled("there is no PostgreSQL: install it")
}
