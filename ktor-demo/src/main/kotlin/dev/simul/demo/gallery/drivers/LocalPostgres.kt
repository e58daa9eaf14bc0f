// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.gallery.drivers

import dev.simul.demo.gallery.NeededServer
import io.vertx.pgclient.PgConnectOptions
import java.io.File
import java.net.ServerSocket
import java.nio.file.Files
import java.nio.file.Path

internal val postgresServer = NeededServer("postgresql") { programs != null }

/** A PostgreSQL for one program, which only this machine can reach, and which keeps nothing. Starting and stopping it blocks. */
internal class LocalPostgres private constructor(
    private val folder: Path,
    port: Int,
) : AutoCloseable {
    val options: PgConnectOptions =
        PgConnectOptions()
            .setHost("127.0.0.1")
            .setPort(port)
            .setUser(USER)
            .setDatabase("postgres")

    override fun close() {
        asOwner("pg_ctl", "-D", "$folder/data", "stop", "-w", "-m", "immediate")
        folder.toFile().deleteRecursively()
    }

    internal companion object {
        private const val USER = "simul"

        /** Starts one, and waits until it listens. */
        @JvmStatic
        fun start(): LocalPostgres {
            val folder = Files.createTempDirectory("simul-postgres")
            val port = ServerSocket(0).use { it.localPort }
            if (isRoot) complete("chown", OWNER, "$folder")
            asOwner("initdb", "-D", "$folder/data", "-U", USER, "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")
            val options = "-c port=$port -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c fsync=off"
            asOwner("pg_ctl", "-D", "$folder/data", "start", "-w", "-l", "$folder/log", "-o", options)
            return LocalPostgres(folder, port)
        }
    }
}

/** Where the server's programs are: Debian has them outside of the path, in a folder for each version. */
private val programs: File? =
    (File("/usr/lib/postgresql").listFiles().orEmpty().sortedDescending().map { File(it, "bin") } + path())
        .firstOrNull { File(it, "initdb").canExecute() && File(it, "pg_ctl").canExecute() }

private fun path() =
    System
        .getenv("PATH")
        .orEmpty()
        .split(File.pathSeparator)
        .map(::File)

/** The server refuses to be root's: then it is the user's whom its package has made. */
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
    val process =
        ProcessBuilder(*command)
            .directory(File("/"))
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start()
    val status = process.waitFor()
    check(status == 0) { "${command.joinToString(" ")} has ended with $status" }
}
