// SPDX-License-Identifier: Apache-2.0
package dev.simul.house

import java.nio.file.Path
import kotlin.io.path.exists
import kotlin.io.path.listDirectoryEntries
import kotlin.io.path.readLines

/** A JDK of this machine; for the tests of other modules too. */
class Jdk private constructor(
    val home: String,
    val feature: Int,
) {
    override fun toString(): String = "JDK $feature"

    companion object {
        /** The one that runs the tests, and one of each other version that lies beside it and can run the same code. */
        @JvmStatic
        fun all(): List<Jdk> {
            val home = Path.of(System.getProperty("java.home"))
            val own = Jdk("$home", Runtime.version().feature())
            val others = home.parent.listDirectoryEntries().sorted().mapNotNull(::of).filter { it.feature >= OLDEST }
            return (listOf(own) + others).distinctBy { it.feature }
        }

        private fun of(home: Path): Jdk? {
            val release = home.resolve("release")
            if (!release.exists() || !home.resolve("bin/javac").exists()) return null
            val version = release.readLines().firstOrNull { it.startsWith("JAVA_VERSION=") } ?: return null
            val feature = version.filterNot { it == '"' }.substringAfter('=').substringBefore('.').toIntOrNull() ?: return null
            return Jdk("$home", feature)
        }

        private const val OLDEST = 17
    }
}
