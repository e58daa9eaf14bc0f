// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo

import io.kotest.core.descriptors.Descriptor
import io.kotest.core.extensions.EnabledExtension
import io.kotest.core.test.Enabled
import java.io.File

/** Disables the tests of a spec where one of [programs] is missing on this machine. */
internal class Needing(
    private vararg val programs: String,
) : EnabledExtension {
    override suspend fun isEnabled(descriptor: Descriptor): Enabled {
        val missing = programs.filter { programAt(it) == null }
        return if (missing.isEmpty()) Enabled.enabled else Enabled.disabled("install ${missing.joinToString(" and ")}")
    }
}

/** Where the program of that [name] is; null if it is not on the path, or nowhere at all. */
internal fun programAt(name: String): File? =
    System
        .getenv("PATH")
        .orEmpty()
        .split(File.pathSeparator)
        .map { File(it, name) }
        .find { it.canExecute() }
