// SPDX-License-Identifier: Apache-2.0
package dev.simul.peers

import io.kotest.core.test.Enabled
import java.io.File

/** Where the programs of that [name] are, the first of the path first; administrators' programs need not be on everybody's path. */
fun programsAt(name: String): List<String> =
    (System.getenv("PATH").orEmpty().split(File.pathSeparator) + listOf("/usr/bin", "/usr/sbin", "/usr/local/sbin"))
        .map { File(it, name) }
        .filter { it.canExecute() }
        .map { it.path }
        .distinct()

/** Disables a test, by name, where [program] is missing. */
fun needing(program: String): Enabled = enabledIf(programsAt(program).isNotEmpty(), program)

/** Disables a test, by name, where no Python has [module]. */
fun needingPythonWith(module: String): Enabled = enabledIf(pythonWith(module) != null, "$module for Python")

/** A Python that has [module]; a system's packages are for its own, which need not be the first on the path. */
fun pythonWith(module: String): String? = programsAt("python3").find { runs(it, "-c", "import $module") }

private fun enabledIf(
    isThere: Boolean,
    what: String,
) = if (isThere) Enabled.enabled else Enabled.disabled("install $what")

private fun runs(vararg command: String) =
    ProcessBuilder(*command)
        .redirectErrorStream(true)
        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
        .start()
        .waitFor() == 0
