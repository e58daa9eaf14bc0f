// SPDX-License-Identifier: Apache-2.0
package dev.simul.simulation.replay

import java.io.File
import java.lang.management.ManagementFactory
import java.nio.file.Path
import kotlin.io.path.writeText

/**
 * The command that runs [main] with [arguments] in a JVM like this one: the same `java.home`, class path, module path and options, but for
 * those that two processes cannot share, such as a debugger's port. The options are written to [optionsFile], since class paths can be too
 * long for a command line.
 */
internal fun jvmCommand(
    main: Class<*>,
    arguments: List<String>,
    optionsFile: Path,
): List<String> {
    val options = options() + mainOf(main) + arguments
    optionsFile.writeText(options.joinToString("\n") { quoted(it) })
    val java = File(System.getProperty("java.home"), "bin${File.separator}java")
    return listOf(java.path, "@$optionsFile")
}

private fun options(): List<String> {
    val given = ManagementFactory.getRuntimeMXBean().inputArguments.filter { option -> OF_ONE_PROCESS.none { option.startsWith(it) } }
    return given + pathOption("--class-path", "java.class.path") + pathOption("--module-path", "jdk.module.path")
}

/** The path as it is now: frameworks that run tests set it to what they have loaded. */
private fun pathOption(
    name: String,
    property: String,
): List<String> = System.getProperty(property)?.takeIf { it.isNotEmpty() }?.let { listOf(name, it) }.orEmpty()

/** In a module, with all modules that are resolved here: the program's need not be one that [main]'s asks for. */
private fun mainOf(main: Class<*>): List<String> {
    if (!main.module.isNamed) return listOf(main.name)
    val resolved = ModuleLayer.boot().modules().map { it.name }.sorted()
    return listOf("--add-modules", resolved.joinToString(","), "--module", "${main.module.name}/${main.name}")
}

/** As the launcher reads files of arguments. */
private fun quoted(argument: String): String =
    '"' + argument.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n").replace("\r", "\\r") + '"'

private val OF_ONE_PROCESS =
    listOf(
        "-agentlib:jdwp",
        "-Xrunjdwp",
        "-Dcom.sun.management.jmxremote",
        "-XX:StartFlightRecording",
        "-Djava.class.path=",
        "--class-path=",
        "-Djdk.module.path=",
        "-Djdk.module.main",
        "--module-path=",
        "-Dsun.java.",
    )
