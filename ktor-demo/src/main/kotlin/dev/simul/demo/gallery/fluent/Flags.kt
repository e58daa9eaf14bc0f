// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.gallery.fluent

import dev.simul.demo.flags.FlagServer
import dev.simul.demo.gallery.Time.perfCounter
import kotlinx.coroutines.runBlocking
import java.nio.file.Path
import kotlin.io.path.createTempDirectory
import kotlin.io.path.writeBytes

/**
 * What the article's module `flags` has for its downloaders: countries, a server to have their flags from, and a place for them,
 * which is deleted in the end.
 */
internal class Flags private constructor() : AutoCloseable {
    private val server = FlagServer()
    private val folder = createTempDirectory("simul-flags-")

    /** What URLs of flags begin with. */
    val baseUrl: String get() = server.base

    /** Saves [image]; blocks. */
    fun saveFlag(
        image: ByteArray,
        filename: String,
    ): Path = folder.resolve(filename).also { it.writeBytes(image) }

    override fun close() {
        runBlocking { server.aclose() }
        folder.toFile().deleteRecursively()
    }

    internal companion object {
        /** The twenty countries with the most people. */
        private val POP20_CC = "CN IN US ID BR PK NG BD RU JP MX PH VN ET EG DE IR TR CD FR".split(" ")

        /** Has [downloader] download the flags of all, and prints how many it has got, and in what time. */
        @JvmStatic
        fun main(downloader: (Flags, List<String>) -> Int) {
            Flags().use { flags ->
                runBlocking { flags.server.open() }
                val t0 = perfCounter()
                val count = downloader(flags, POP20_CC)
                val elapsed = perfCounter() - t0
                println("\n$count downloads in %.2fs".format(elapsed))
            }
        }
    }
}
