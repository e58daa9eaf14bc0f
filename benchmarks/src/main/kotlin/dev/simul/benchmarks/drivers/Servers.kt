// SPDX-License-Identifier: Apache-2.0
package dev.simul.benchmarks.drivers

import dev.simul.benchmarks.peers.Processes
import java.io.File
import java.nio.file.Files
import java.nio.file.Path
import java.nio.file.attribute.PosixFilePermissions
import kotlin.io.path.createDirectories
import kotlin.io.path.exists
import kotlin.io.path.isExecutable
import kotlin.io.path.listDirectoryEntries
import kotlin.io.path.setPosixFilePermissions

/** The servers that drivers talk to, on the second processor, each started when it is first asked for; and what echoes are measured with. */
internal class Servers(
    private val sources: Path,
    private val processes: Processes,
) {
    /** Which of the programs that the rows need are missing, with the rows that are left out. */
    val missing: Map<Driver, String> =
        listOfNotNull(
            (Driver.REDIS to "redis-server").takeUnless { processes.has("redis-server", "--version") },
            (Driver.POSTGRESQL to "initdb of PostgreSQL").takeIf { postgresPrograms == null },
            (Driver.ECHO to "cc, a C compiler").takeUnless { processes.has("cc", "--version") },
        ).toMap()

    val redisPort: Int by lazy {
        val port = processes.freePort()
        val command = listOf("redis-server", "--port", "$port", "--bind", "127.0.0.1", "--save", "", "--appendonly", "no")
        processes.serve("redis", port, processes.onProcessors("1", command))
        port
    }

    val postgresPort: Int by lazy {
        val programs = checkNotNull(postgresPrograms)
        val port = processes.freePort()
        // Its files belong to the user that runs it, who must get there.
        processes.scratch.setPosixFilePermissions(PosixFilePermissions.fromString("rwxr-xr-x"))
        val data = processes.scratch.resolve("postgresql").createDirectories()
        if (isRoot) Files.setOwner(data, data.fileSystem.userPrincipalLookupService.lookupPrincipalByName(POSTGRES_USER))
        val made = asUser(listOf("$programs/initdb", "-D", "$data", "-U", POSTGRES_USER, "-A", "trust", "-E", "UTF8", "--no-sync"))
        check(processes.has(*made.toTypedArray())) { "initdb made no database: ${made.joinToString(" ")}" }
        val command = listOf("$programs/postgres", "-D", "$data", "-k", "$data", "-h", "127.0.0.1", "-p", "$port", "-F")
        processes.serve("postgresql", port, processes.onProcessors("1", asUser(command)))
        port
    }

    /** Root may not run PostgreSQL. */
    private fun asUser(command: List<String>) =
        if (isRoot) listOf("setpriv", "--reuid=$POSTGRES_USER", "--regid=$POSTGRES_USER", "--clear-groups") + command else command

    /** The program that loads an echo server. */
    val echoLoad: String by lazy {
        val program = processes.scratch.resolve("echoload").toString()
        check(processes.has("cc", "-O2", "-o", program, sources.resolve("echo/echoload.c").toAbsolutePath().toString())) { "cc failed" }
        program
    }

    private companion object {
        const val POSTGRES_USER = "postgres"

        val isRoot: Boolean = System.getProperty("user.name") == "root"

        /** Debian keeps them out of the path; the newest version counts. */
        val postgresPrograms: Path? by lazy {
            val debian = Path.of("/usr/lib/postgresql")
            val versions = if (debian.exists()) debian.listDirectoryEntries().map { it.resolve("bin") } else emptyList()
            val path = System.getenv("PATH").orEmpty().split(File.pathSeparator).map(Path::of)
            (path + versions.sortedDescending()).firstOrNull { it.resolve("initdb").isExecutable() }
        }
    }
}
