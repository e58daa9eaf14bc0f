// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.gallery

import java.io.File

/**
 * A server that a program of the gallery starts for itself.
 *
 * @property name what to install, if it is missing.
 */
internal class NeededServer(
    val name: String,
    isInstalled: () -> Boolean = { isOnPath(name) },
) {
    val isInstalled: Boolean by lazy(isInstalled)
}

private fun isOnPath(name: String): Boolean =
    System
        .getenv("PATH")
        .orEmpty()
        .split(File.pathSeparator)
        .any { File(it, name).canExecute() }
