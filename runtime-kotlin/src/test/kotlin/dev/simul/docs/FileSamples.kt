// SPDX-License-Identifier: Apache-2.0
package dev.simul.docs

import dev.simul.aclosing
import dev.simul.files.PathChange.Kind.DELETED
import dev.simul.files.lines
import dev.simul.files.listDirectory
import dev.simul.files.openFile
import dev.simul.files.openTextFile
import dev.simul.files.readText
import dev.simul.files.temporaryDirectory
import dev.simul.files.walk
import dev.simul.files.watch
import dev.simul.files.writeBytes
import dev.simul.files.writeText
import dev.simul.process.createSubprocessExec
import dev.simul.sleep
import dev.simul.taskGroup
import dev.simul.toThread
import dev.simul.use
import kotlinx.coroutines.flow.count
import kotlinx.coroutines.flow.filter
import kotlinx.coroutines.flow.toList
import java.nio.file.Path
import kotlin.io.path.createDirectories
import kotlin.io.path.exists
import kotlin.io.path.fileSize
import kotlin.io.path.isRegularFile
import kotlin.io.path.moveTo
import kotlin.time.Duration.Companion.seconds

// The blocks of the guide to files; FileSamplesTest runs them, DocsTest compares.

suspend fun countVisit(path: Path): Int {
    val visits = if (path.exists()) readText(path).trim().toInt() + 1 else 1
    writeText(path, "$visits\n")
    return visits
}

suspend fun errors(log: Path): List<String> = lines(log).filter { "ERROR" in it }.toList()

suspend fun firstError(log: Path): String? =
    aclosing(lines(log)) { lines ->
        for (line in lines) if ("ERROR" in line) return line
        null
    }

suspend fun replaceHeader(
    path: Path,
    header: ByteArray,
): ByteArray =
    openFile(path, "r+").use { file ->
        val old = file.read(header.size)
        file.seek(0)
        file.write(header)
        file.fsync()
        old
    }

suspend fun toWindows(
    source: Path,
    target: Path,
) = openTextFile(source).use { input ->
    openTextFile(target, "w", newline = "\r\n").use { output ->
        for (line in input.lines()) output.write("$line\n")
    }
}

suspend fun runAll(
    log: Path,
    names: List<String>,
) = openFile(log, "a").use { file ->
    taskGroup { group ->
        for (name in names) {
            group.createTask {
                sleep(1.seconds)
                file.write("$name is done\n")
            }
        }
    }
}

suspend fun sizes(folder: Path): Map<Path, Long> =
    walk(folder).filter { it.isRegularFile() }.toList().associateWith { toThread { it.fileSize() } }

suspend fun reloading(
    settings: Path,
    load: suspend (String) -> Unit,
) = aclosing(watch(settings.parent)) { changes ->
    load(readText(settings))
    for (change in changes) if (change.path == settings && change.kind != DELETED) load(readText(settings))
}

suspend fun unpacked(archive: ByteArray): Int? =
    temporaryDirectory().use { folder ->
        writeBytes(folder.resolve("archive"), archive)
        createSubprocessExec("tar", "xf", "archive", cwd = folder).wait()
        listDirectory(folder).count() - 1
    }

suspend fun publish(
    draft: Path,
    folder: Path,
): Path =
    toThread {
        folder.createDirectories()
        draft.moveTo(folder.resolve(draft.fileName), overwrite = true)
    }
