package dev.simul.demo.flags

import java.nio.file.Path
import java.nio.file.StandardCopyOption.ATOMIC_MOVE
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
    val unfinished = file.resolveSibling(".${file.name}.part")
    try {
        unfinished.writeBytes(image)
        unfinished.moveTo(file, ATOMIC_MOVE)
    } finally {
        unfinished.deleteIfExists()
    }
}
