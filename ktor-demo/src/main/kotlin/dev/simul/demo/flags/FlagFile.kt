// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.flags

import java.nio.file.Path
import java.nio.file.StandardCopyOption.ATOMIC_MOVE
import java.text.Normalizer
import kotlin.io.path.deleteIfExists
import kotlin.io.path.moveTo
import kotlin.io.path.name
import kotlin.io.path.writeBytes

/**
 * Writes [image] to [file], whole or not at all: under another name first, which is then changed. Blocks the thread.
 *
 * @throws java.io.IOException if the disk does not take it.
 */
internal fun saveFlag(
    image: ByteArray,
    file: Path,
) {
    val unfinished = unfinished(file)
    try {
        unfinished.writeBytes(image)
        unfinished.moveTo(file, ATOMIC_MOVE)
    } finally {
        unfinished.deleteIfExists()
    }
}

/** Where [file] is written, by this process: others may write it too. */
internal fun unfinished(file: Path): Path = file.resolveSibling(".${file.name}.${ProcessHandle.current().pid()}.part")

/**
 * The name of [country] as that of a file in whatever folder, on whatever system: of São Tomé & Príncipe it is
 * `Sao_Tome_&_Principe`. Null if nothing is left of it.
 */
internal fun fileNameOf(country: String): String? =
    Normalizer
        .normalize(country, Normalizer.Form.NFD)
        .replace(MARKS, "")
        .replace('’', '\'')
        .replace(STRANGE, "_")
        .take(LONGEST)
        .trim('.', '_', '-')
        .ifEmpty { null }

private val MARKS = Regex("""\p{M}+""")
private val STRANGE = Regex("[^A-Za-z0-9&'().-]")
private const val LONGEST = 100
