// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.docs

import dev.simul.demo.gallery.scale.WorkerProcess
import java.nio.file.Path
import java.util.concurrent.CompletableFuture
import java.util.concurrent.TimeUnit

/** A JVM that works for the queue in [folder], and which is killed. It does what [what] says: see [main]. */
internal class QueueProcess(
    folder: Path,
    language: QueueLanguage,
    what: String,
) : AutoCloseable {
    private val process =
        ProcessBuilder(
            WorkerProcess.JAVA,
            *WorkerProcess.arguments("dev.simul.demo.docs.QueueProcessKt", folder),
            language.name,
            what,
        ).redirectError(ProcessBuilder.Redirect.INHERIT).start()
    private val lines = process.inputReader(Charsets.UTF_8)

    /** Waits for the next line that it prints. */
    fun line(): String = checkNotNull(lines.readLine()) { "it has ended" }

    /** Kills it, as `kill -9` does, and returns what it had printed by then and [line] has not returned. */
    fun kill(): List<String> {
        process.toHandle().destroyForcibly() // Process.destroyForcibly closes what is yet to be read
        check(process.waitFor(60, TimeUnit.SECONDS)) { "it outlives its death" }
        return lines.readLines()
    }

    override fun close() {
        process.destroyForcibly().waitFor()
    }
}

/** `enqueue` queues jobs until it is killed, and prints each key afterwards; `work` does jobs, prints each, and never ends with `bob`. */
internal fun main(args: Array<String>) {
    val (folder, language, what) = args
    val queue = openQueue(Path.of(folder).resolve("queue"))
    val samples = QueueLanguage.valueOf(language)
    if (what == "work") {
        samples.start(queue, handler = Handler(onSent = { key, isNew -> println("$key $isNew") }, mayEnd = { it != "bob" }))
        CompletableFuture<Unit>().get()
    } else {
        for (number in generateSequence(1) { it + 1 }) println("${samples.enqueue(queue, "letter $number")} letter $number")
    }
}
