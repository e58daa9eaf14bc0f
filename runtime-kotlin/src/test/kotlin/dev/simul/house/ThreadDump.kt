// SPDX-License-Identifier: Apache-2.0
package dev.simul.house

import java.lang.management.ManagementFactory
import java.lang.management.PlatformManagedObject
import java.lang.management.ThreadInfo
import java.nio.file.Files
import kotlin.io.path.deleteIfExists
import kotlin.io.path.useLines

/** What all threads are doing, the virtual ones too if the JVM can tell; those that do the same are shown once. */
internal fun threadDump(): String {
    val platform = ManagementFactory.getThreadMXBean().dumpAllThreads(true, true).map { Shown(it.title(), it.details()) }
    val all = platform.asSequence() + virtualThreads()
    return all.groupBy({ it.details }, { it.title }).entries.joinToString("\n\n") { (details, titles) -> folded(titles) + "\n" + details }
}

private class Shown(
    val title: String,
    val details: String,
)

private fun folded(titles: List<String>): String {
    val more = titles.size - MOST_TITLES
    return titles.take(MOST_TITLES).joinToString("\n") + if (more > 0) "\nand $more more" else ""
}

private fun ThreadInfo.title() = "\"$threadName\" #$threadId" + if (isDaemon) " daemon" else ""

/** As [ThreadInfo.toString], which shows but a few frames. */
private fun ThreadInfo.details(): String {
    val lines = ArrayList<String>()
    lines += "    $threadState" + lockName?.let { " on $it" }.orEmpty() + lockOwnerName?.let { ", which \"$it\" holds" }.orEmpty()
    stackTrace.forEachIndexed { depth, frame ->
        lines += "    at $frame"
        lockedMonitors.filter { it.lockedStackDepth == depth }.forEach { lines += "    holds $it" }
    }
    lockedSynchronizers.forEach { lines += "    holds $it" }
    return lines.joinToString("\n")
}

/** Those that `jcmd Thread.dump_to_file` writes since JDK 21. */
private fun virtualThreads(): List<Shown> {
    if (Runtime.version().feature() < 21) return emptyList()
    val folder = Files.createTempDirectory("threads")
    val file = folder.resolve("dump")
    return try {
        dumpThreads("$file")
        file.useLines { virtualThreadsIn(it) }
    } catch (e: ReflectiveOperationException) {
        listOf(Shown("virtual threads", "    cannot be shown: $e"))
    } finally {
        file.deleteIfExists()
        folder.deleteIfExists()
    }
}

/** They look as in `#35 "name" virtual WAITING`, with the frames below, indented. */
private fun virtualThreadsIn(dump: Sequence<String>): List<Shown> {
    val all = ArrayList<Shown>()
    var title: String? = null
    val details = ArrayList<String>()

    fun end() {
        title?.let { all += Shown(it, details.joinToString("\n")) }
        details.clear()
    }
    for (line in dump) {
        if (line.startsWith("#")) {
            end()
            title = line.takeIf { VIRTUAL in it }?.substringBefore(VIRTUAL)?.plus(VIRTUAL)
        } else if (title != null && line.isNotBlank()) {
            details += line
        }
    }
    end()
    return all
}

/** The tests are compiled for JDK 17, which does not have it. */
private fun dumpThreads(file: String) {
    val bean = Class.forName("com.sun.management.HotSpotDiagnosticMXBean").asSubclass(PlatformManagedObject::class.java)
    val format = Class.forName("com.sun.management.HotSpotDiagnosticMXBean\$ThreadDumpFormat")
    bean
        .getMethod("dumpThreads", String::class.java, format)
        .invoke(ManagementFactory.getPlatformMXBean(bean), file, format.getField("TEXT_PLAIN").get(null))
}

private const val MOST_TITLES = 20
private const val VIRTUAL = " virtual"
