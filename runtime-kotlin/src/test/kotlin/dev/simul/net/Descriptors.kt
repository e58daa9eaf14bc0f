// SPDX-License-Identifier: Apache-2.0
package dev.simul.net

import java.io.File
import java.nio.file.Files

/** The pipes, sockets and selectors that this process has open, by what the system calls them; none where that cannot be asked. */
internal fun openDescriptors(): List<String> =
    File("/proc/self/fd")
        .listFiles()
        .orEmpty()
        .mapNotNull { runCatching { Files.readSymbolicLink(it.toPath()).toString() }.getOrNull() }
        .filter { link -> KINDS.any { link.startsWith(it) } }

private val KINDS = listOf("pipe:", "anon_inode", "socket:")
