// SPDX-License-Identifier: Apache-2.0
package dev.simul.testing

import com.sun.management.UnixOperatingSystemMXBean
import java.lang.management.ManagementFactory
import java.nio.channels.Pipe
import java.nio.channels.Selector
import java.nio.channels.SocketChannel
import java.nio.file.Files
import java.nio.file.Path
import kotlin.io.path.Path
import kotlin.io.path.isDirectory
import kotlin.io.path.name
import kotlin.time.Duration

/** The objects of the process that no loop knows of: descriptors, and threads other than the idle ones of a pool. */
internal class ProcessState private constructor(
    private val descriptors: Set<String>,
    private val threads: Set<Thread>,
) {
    /** Waits, at most for [settle], until there are no new objects; describes those that remain. */
    fun newSince(settle: Duration): List<String> {
        // Threads end, and descriptors are closed, by the machine's clock.
        val deadline = System.nanoTime() + settle.inWholeNanoseconds
        while (true) {
            val new = now().describeNew(this)
            if (new.isEmpty() || System.nanoTime() >= deadline) return new
            Thread.sleep(LOOK_EVERY_MILLIS)
        }
    }

    private fun describeNew(before: ProcessState): List<String> =
        (descriptors - before.descriptors).map { "a descriptor is open: $it" } +
            (threads - before.threads).filterNot { it.isIdleInPool }.map { "a thread is running: ${it.name}" }

    companion object {
        private const val LOOK_EVERY_MILLIS = 5L
        private val DESCRIPTORS = Path("/proc/self/fd")

        init {
            openForGood()
        }

        /** The JDK opens some descriptors with its first channels, and never closes them. */
        private fun openForGood() {
            Selector.open().close()
            SocketChannel.open().close()
            Pipe.open().run {
                source().close()
                sink().close()
            }
        }

        fun now() = ProcessState(openDescriptors(), userThreads().toSet())

        private fun openDescriptors(): Set<String> =
            if (DESCRIPTORS.isDirectory()) namedDescriptors() else List(countDescriptors()) { "number $it" }.toSet()

        /** Finds nothing if the system does not count descriptors, or the JVM has no management module. */
        private fun countDescriptors(): Int =
            try {
                (ManagementFactory.getOperatingSystemMXBean() as? UnixOperatingSystemMXBean)?.openFileDescriptorCount?.toInt() ?: 0
            } catch (_: LinkageError) {
                0
            }

        private fun namedDescriptors(): Set<String> =
            Files.newDirectoryStream(DESCRIPTORS).use { open ->
                open.mapNotNullTo(HashSet()) { descriptor -> target(descriptor)?.let { "${descriptor.name}, $it" } }
            }

        /** The target of a descriptor; null if it was closed, or is one that the JVM opens as it likes. */
        private fun target(descriptor: Path): String? =
            runCatching { Files.readSymbolicLink(descriptor).toString() }.getOrNull()?.takeUnless { target ->
                target.endsWith(".jar") || OF_THE_JVM.any(target::startsWith)
            }

        private val OF_THE_JVM = listOf(System.getProperty("java.home"), "/proc/", "/sys/", "/dev/random", "/dev/urandom")

        /** Threads of the system group are the JVM's own. */
        private fun userThreads(): List<Thread> {
            var group = Thread.currentThread().threadGroup
            while (group.parent?.parent != null) group = group.parent
            val threads = arrayOfNulls<Thread>(group.activeCount() + 64)
            return threads.take(group.enumerate(threads)).filterNotNull()
        }

        private val Thread.isIdleInPool: Boolean
            get() = javaClass.name.startsWith("kotlinx.coroutines.") || !isAlive || stackTrace.any(::isIdling)

        private fun isIdling(frame: StackTraceElement) = "${frame.className}.${frame.methodName}" in IDLING

        private val IDLING =
            setOf(
                "java.util.concurrent.ThreadPoolExecutor.getTask",
                "java.util.concurrent.ForkJoinPool.awaitWork",
                "kotlinx.coroutines.DefaultExecutor.run",
                "dev.simul.observe.Observer.run",
            )
    }
}
