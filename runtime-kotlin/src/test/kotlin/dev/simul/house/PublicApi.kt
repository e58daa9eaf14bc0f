// SPDX-License-Identifier: Apache-2.0
package dev.simul.house

import org.jetbrains.kotlin.abi.tools.AbiFilters
import org.jetbrains.kotlin.abi.tools.AbiTools
import java.nio.file.Files
import java.nio.file.Path
import kotlin.io.path.copyTo
import kotlin.io.path.createDirectories
import kotlin.io.path.exists
import kotlin.io.path.isRegularFile
import kotlin.io.path.writeText

/**
 * The public API of one module: what its compiled classes offer, against the dump committed in its `api` folder.
 *
 * With `-Dapi.update` the dump is rewritten instead.
 */
class PublicApi(
    private val module: Path,
    private val artifact: String,
) {
    private val committed = module.resolve("api/$artifact.api")
    private val compiled = module.resolve("target/api/$artifact.api")

    /** Fails with a diff when the compiled classes offer something else than the committed dump says. */
    @JvmOverloads
    fun check(update: Boolean = System.getProperty("api.update") != null) {
        compiled.parent.createDirectories()
        compiled.writeText(dump())
        if (update) {
            committed.parent.createDirectories()
            compiled.copyTo(committed, overwrite = true)
            return
        }
        val remedy = "If that is meant, run `mvn clean test -Dapi.update` and commit $committed."
        if (!committed.exists()) throw AssertionError("$artifact has no dump of its public API. $remedy")
        val diff = AbiTools.getInstance().filesDiff(committed.toFile(), compiled.toFile())
        if (diff != null) throw AssertionError("The public API of $artifact changed:\n\n$diff\n\n$remedy")
    }

    private fun dump(): String {
        val classes = module.resolve("target/classes")
        val files =
            if (!classes.exists()) {
                emptyList()
            } else {
                Files.walk(classes).use { paths ->
                    paths.filter { it.isRegularFile() && it.toString().endsWith(".class") }.map(Path::toFile).toList()
                }
            }
        return buildString { AbiTools.getInstance().printJvmDump(this, files, AbiFilters.EMPTY) }
    }
}
