// SPDX-License-Identifier: Apache-2.0
package dev.simul.observe

import java.io.IOException
import java.lang.management.ManagementFactory
import java.lang.management.PlatformManagedObject
import java.nio.file.Files
import kotlin.io.path.deleteIfExists
import kotlin.io.path.fileSize
import kotlin.io.path.readText

/**
 * What a virtual thread waits for, and whose that is, by the JVM's own dump of all threads: since JDK 25 it is the only place where the JVM
 * tells.
 *
 * @property lock what it waits for: class and identity.
 * @property ownerId the thread that holds it.
 */
internal class DumpedLocks private constructor(
    val lock: String,
    val ownerId: Long,
) {
    companion object {
        /** Null if [thread] waits for nothing that somebody owns, or the JVM does not tell. */
        fun of(thread: Thread): DumpedLocks? =
            if (Runtime.version().feature() < FIRST_TO_TELL) null else dump()?.let { read(it, thread.id) }

        /** By its form in JSON, in which each thread begins with its identity. */
        fun read(
            dump: String,
            id: Long,
        ): DumpedLocks? {
            val threads = dump.split(THREAD).drop(1).associateBy { it.substringBefore('"').toLong() }
            val waiting = threads[id] ?: return null
            val parked = PARKED.find(waiting)?.groupValues
            if (parked != null) return DumpedLocks(parked[1], parked[2].toLong())
            val monitor = BLOCKED.find(waiting)?.groupValues?.get(1) ?: return null
            val owner = threads.entries.find { (_, text) -> "\"$monitor\"" in text.substringAfter(OWNED, "") } ?: return null
            return DumpedLocks(monitor, owner.key)
        }

        /** Null if this JVM writes none, there is no room for it, or it is too long. */
        private fun dump(): String? =
            try {
                val folder = Files.createTempDirectory("threads")
                val file = folder.resolve("dump.json")
                try {
                    dumpTo("$file")
                    if (file.fileSize() <= MOST_BYTES) file.readText() else null
                } finally {
                    file.deleteIfExists()
                    folder.deleteIfExists()
                }
            } catch (_: IOException) {
                null
            } catch (_: ReflectiveOperationException) {
                null
            } catch (_: LinkageError) {
                null
            }

        /** JDK 17, for which this is compiled, does not have it. */
        private fun dumpTo(file: String) {
            val bean = Class.forName("com.sun.management.HotSpotDiagnosticMXBean").asSubclass(PlatformManagedObject::class.java)
            val format = Class.forName("com.sun.management.HotSpotDiagnosticMXBean\$ThreadDumpFormat")
            bean
                .getMethod("dumpThreads", String::class.java, format)
                .invoke(ManagementFactory.getPlatformMXBean(bean), file, format.getField("JSON").get(null))
        }

        /** Of many threads, it is not read: it would take several times its size in memory. */
        private const val MOST_BYTES = 16_000_000L
        private const val FIRST_TO_TELL = 25
        private val THREAD = Regex("\"tid\":\\s*\"")
        private val PARKED = Regex("\"parkBlocker\":\\s*\\{\\s*\"object\":\\s*\"([^\"]+)\",\\s*\"owner\":\\s*\"(\\d+)\"")
        private val BLOCKED = Regex("\"blockedOn\":\\s*\"([^\"]+)\"")
        private const val OWNED = "\"monitorsOwned\""
    }
}
