// SPDX-License-Identifier: Apache-2.0
package dev.simul.loop

import java.io.File
import java.io.FileInputStream
import java.nio.channels.SocketChannel

/**
 * The JDK's classes that open descriptors when they are initialized, which otherwise happens at the first write or close of a socket. If no
 * descriptor is left then, the class has failed for good, and with it every socket of the process.
 */
internal object NioClasses {
    private const val NEEDED = 4

    @Volatile
    private var areInitialized = false

    /**
     * Initializes the classes, once per process.
     *
     * @throws java.io.IOException if too few descriptors are left; it can be tried again.
     */
    fun initialize() {
        if (areInitialized) return
        checkDescriptors()
        // By the JDK's own provider, even if the loop has another: that one may lend out its channels.
        SocketChannel.open().close()
        areInitialized = true
    }

    /** Uses a class that is none of those, and a file that each JDK has. */
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
