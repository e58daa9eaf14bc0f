// SPDX-License-Identifier: Apache-2.0
package dev.simul.loop

import java.io.File
import java.io.FileInputStream
import java.nio.channels.SocketChannel

/**
 * Those classes of the JDK that open descriptors when they are initialized, which else happens at the first write or the first close
 * of a socket. If there is no descriptor left then, a class has failed for good, and with it every socket of the process.
 */
internal object NioClasses {
    private const val NEEDED = 4

    @Volatile
    private var areInitialized = false

    /**
     * Initializes them, once in a process.
     *
     * @throws java.io.IOException if there are too few descriptors left for that; it can be tried again.
     */
    fun initialize() {
        if (areInitialized) return
        checkDescriptors()
        // By the JDK's own provider, whatever the loop's is: that may well lend out its channels.
        SocketChannel.open().close()
        areInitialized = true
    }

    /** By a class that is none of those, and a file that each JDK has. */
    private fun checkDescriptors() {
        val file = File(System.getProperty("java.home"), "lib/modules")
        if (!file.canRead()) return
        val opened = ArrayList<FileInputStream>()
        try {
            repeat(NEEDED) { opened += FileInputStream(file) }
        } finally {
            opened.forEach { it.close() }
        }
    }
}
