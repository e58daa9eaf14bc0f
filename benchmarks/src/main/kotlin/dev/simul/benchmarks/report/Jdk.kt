// SPDX-License-Identifier: Apache-2.0
package dev.simul.benchmarks.report

import java.nio.file.Files
import java.nio.file.Path
import java.util.Properties
import kotlin.io.path.exists
import kotlin.io.path.inputStream
import kotlin.io.path.isDirectory
import kotlin.io.path.isExecutable

/** An installed JDK. */
internal class Jdk(
    val feature: Int,
    val version: String,
    val java: String,
) {
    companion object {
        val current: Jdk
            get() =
                Jdk(
                    Runtime.version().feature(),
                    System.getProperty("java.version"),
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                )

        /** The newest one that is newer than the [current] one; sought where `.ci/run` seeks it. */
        fun newer(): Jdk? {
            val variables = System.getenv().filterKeys { it.startsWith("JAVA_HOME_") }.values.map(Path::of)
            val folders = listOf("/usr/lib/jvm", "/usr/java", "/opt/java").map(Path::of).filter { it.isDirectory() }
            val homes = variables + folders.flatMap { folder -> Files.list(folder).use { it.toList() } }
            return homes.mapNotNull(::at).filter { it.feature > current.feature }.maxByOrNull { it.feature }
        }

        private fun at(home: Path): Jdk? {
            val release = home.resolve("release")
            val java = home.resolve("bin/java")
            if (!release.exists() || !java.isExecutable()) return null
            val version =
                Properties().apply { release.inputStream().use(::load) }.getProperty("JAVA_VERSION")?.trim('"') ?: return null
            return Jdk(version.substringBefore('.').toIntOrNull() ?: return null, version, java.toString())
        }
    }
}
