// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.flags

import dev.simul.demo.Failure
import dev.simul.demo.whyUnwritten
import java.io.IOException
import java.nio.file.Files
import java.nio.file.Path
import kotlin.io.path.absolute
import kotlin.io.path.createDirectories
import kotlin.io.path.createTempDirectory
import kotlin.io.path.notExists

/**
 * The folder that flags are saved in. Closing it removes what it has made and what is empty in the end.
 *
 * @param wanted where it is; null for a new one among the temporary files.
 */
internal class FlagFolder(
    private val wanted: Path?,
) : AutoCloseable {
    private val made = ArrayList<Path>()
    private val countries = HashMap<String, String>()

    /** Where it is, once it is [made][make]. */
    lateinit var path: Path
        private set

    /** Makes the folder, unless it is there. Blocks the thread. @throws Failure if that cannot be done. */
    fun make() =
        attempt("make a folder for flags", "'${wanted ?: System.getProperty("java.io.tmpdir")}'") {
            path = wanted?.also { makeAll(it) } ?: createTempDirectory("simul-flags-").also { made.add(it) }
        }

    private fun makeAll(folder: Path) {
        generateSequence(folder.absolute()) { it.parent }.takeWhile { it.notExists() }.toCollection(made)
        folder.createDirectories()
    }

    /**
     * Saves [image] as that of [country], whole or not at all, and returns the file. Blocks the thread; any thread may.
     *
     * @param code what tells this country from others of that name.
     * @throws Failure if the disk does not take it.
     */
    fun save(
        image: ByteArray,
        country: String,
        code: String,
    ): Path {
        val file = path.resolve("${nameFor(country, code)}.png")
        attempt("save flags", "in '$path'") { saveFlag(image, file) }
        return file
    }

    @Synchronized
    private fun nameFor(
        country: String,
        code: String,
    ): String {
        val name = requireNotNull(fileNameOf(country)) { "'$country' is no name for a file" }
        return if (countries.getOrPut(name.lowercase()) { code } == code) name else "${name}_$code"
    }

    private inline fun attempt(
        what: String,
        where: String,
        action: () -> Unit,
    ) {
        try {
            action()
        } catch (e: IOException) {
            throw Failure("cannot $what $where: ${whyUnwritten(e)}; name another --output", e)
        }
    }

    override fun close() {
        for (folder in made) {
            try {
                Files.deleteIfExists(folder)
            } catch (_: IOException) {
                return // There is something in it, which is what it is for.
            }
        }
    }
}
