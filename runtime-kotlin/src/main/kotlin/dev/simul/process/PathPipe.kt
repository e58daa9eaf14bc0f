// SPDX-License-Identifier: Apache-2.0
package dev.simul.process

import java.io.File
import java.io.IOException
import java.nio.ByteBuffer
import java.nio.channels.Pipe
import java.nio.file.Files

/** A pipe that the loop can select, and that a child can open by its [path]. */
internal class PathPipe private constructor(
    private val pipe: Pipe,
    val path: File,
) {
    /** The end from which the loop reads the child's output. */
    fun takeSource(): Pipe.SourceChannel = pipe.source().also { pipe.sink().close() }

    /** The end to which the loop writes the child's input. */
    fun takeSink(): Pipe.SinkChannel = pipe.sink().also { pipe.source().close() }

    fun close() = pipe.closeBoth()

    companion object {
        /** Whether this system has such pipes: Linux does, if `/proc` is present. */
        val areAvailable: Boolean by lazy {
            try {
                open(1, Pipe::open)?.single()?.let { pipe -> pipe.works().also { pipe.close() } } ?: false
            } catch (_: IOException) {
                false
            }
        }

        private val DESCRIPTORS = File("/proc/self/fd")
        private const val ATTEMPTS = 3
        private const val ROUNDS = 3

        /** Opens [count] pipes by [openPipe]; null if their paths cannot be determined. */
        fun open(
            count: Int,
            openPipe: () -> Pipe,
        ): List<PathPipe>? {
            repeat(ATTEMPTS) {
                val pipes = ArrayList<Pipe>()
                var found: List<PathPipe>? = null
                try {
                    found = find(count, openPipe, pipes)
                } finally {
                    if (found == null) pipes.forEach { it.closeBoth() }
                }
                if (found != null) return found
            }
            return null
        }

        private fun find(
            count: Int,
            openPipe: () -> Pipe,
            opened: MutableList<Pipe>,
        ): List<PathPipe>? {
            val before = DESCRIPTORS.list()?.toSet() ?: return null
            repeat(count) { opened.add(openPipe()) }
            val fresh = DESCRIPTORS.list()?.filter { it !in before && linkOf(it)?.startsWith("pipe:") == true } ?: return null
            return opened.map { PathPipe(it, it.pathAmong(fresh) ?: return null) }
        }

        /**
         * No public API tells the number of a channel's descriptor. But the system tells whether a descriptor is blocking, so the pipe's is
         * the one that changes whenever this pipe changes. Another library's pipe may happen to change along once or twice.
         */
        private fun Pipe.pathAmong(descriptors: List<String>): File? {
            val blocking = descriptors.associateWith(::stateOf)
            var candidates = descriptors.filter { blocking[it] != null }
            repeat(ROUNDS) {
                configureBlocking(true)
                candidates = candidates.filter { stateOf(it) == blocking[it] }
                configureBlocking(false)
                candidates = candidates.filter { stateOf(it)?.differsInFlagsFrom(blocking[it]!!) == true }
            }
            // Both ends lead to the same pipe, so either will do.
            return if (candidates.distinctBy(::linkOf).size == 1) DESCRIPTORS.resolve(candidates.first()) else null
        }

        private fun Pipe.configureBlocking(blocking: Boolean) {
            source().configureBlocking(blocking)
            sink().configureBlocking(blocking)
        }

        private data class State(
            val link: String,
            val flags: String,
        ) {
            fun differsInFlagsFrom(other: State) = link == other.link && flags != other.flags
        }

        private fun stateOf(descriptor: String): State? = linkOf(descriptor)?.let { link -> flagsOf(descriptor)?.let { State(link, it) } }

        private fun linkOf(descriptor: String): String? =
            orNull { Files.readSymbolicLink(DESCRIPTORS.resolve(descriptor).toPath()).toString() }

        private fun flagsOf(descriptor: String): String? =
            orNull { File("/proc/self/fdinfo", descriptor).useLines { lines -> lines.find { it.startsWith("flags:") } } }

        /** Another library may close its descriptor meanwhile. */
        private inline fun <T> orNull(block: () -> T): T? =
            try {
                block()
            } catch (_: IOException) {
                null
            }
    }

    private fun works(): Boolean {
        path.outputStream().use { it.write(1) }
        return pipe.source().read(ByteBuffer.allocate(2)) == 1
    }
}

private fun Pipe.closeBoth() {
    sink().close()
    source().close()
}
