// SPDX-License-Identifier: Apache-2.0
package dev.simul.benchmarks.report

import dev.simul.benchmarks.peers.Processes
import java.nio.file.Path
import kotlin.io.path.copyTo
import kotlin.io.path.createDirectories
import kotlin.io.path.isDirectory

/** The JDKs and the peers of this machine; peers that are compiled are compiled when they are first asked for. */
internal class Toolchain(
    val sources: Path,
    private val processes: Processes,
) {
    private val output = sources.resolve("target/peers").createDirectories()
    private val peers = sources.resolve("peers")

    val jdk: Jdk = Jdk.current
    val newerJdk: Jdk? = Jdk.newer()
    val jdks: List<Jdk> = listOfNotNull(jdk, newerJdk)

    /** The first one that virtual threads are in. */
    val virtualJdk: Jdk? = jdks.firstOrNull { it.feature >= VIRTUAL }

    private val uvloopPython = listOf("/usr/bin/python3", "python3").firstOrNull { processes.has(it, "-c", "import uvloop; $NEEDED") }

    /** With uvloop if there is one. */
    val python: String? = uvloopPython ?: "python3".takeIf { processes.has(it, "-c", NEEDED) }

    /** The loops of Python that are installed. */
    val pythonLoops: List<String> = listOfNotNull("asyncio".takeIf { python != null }, "uvloop".takeIf { uvloopPython != null })
    val hasNode: Boolean = processes.has("node", "--version")
    private val hasGo = processes.has("go", "version")
    private val hasTokio = processes.has("cargo", "--version") && CRATES.isDirectory()

    val go: Path? by lazy { if (hasGo) goProgram("peer", peers.resolve("peer.go")) else null }
    val goEcho: Path? by lazy { if (hasGo) goProgram("echo", sources.resolve("echo/echo.go")) else null }
    val tokio: Path? by lazy { if (hasTokio) cargo() else null }

    /** The peers that do the work of the core, with what runs each, but for its arguments. */
    val programs: Map<String, List<String>> by lazy {
        buildMap {
            for (loop in pythonLoops) put(loop, listOf(python!!, peers.resolve("peer.py").toString(), loop))
            if (hasNode) put("node", listOf("node", "--expose-gc", peers.resolve("peer.mjs").toString()))
            go?.let { put("go", listOf(it.toString())) }
            tokio?.let { put("tokio", listOf(it.toString())) }
        }
    }

    /** Which of [tools] are not installed. */
    fun missing(tools: Set<Tool>): List<Tool> = tools.sorted().filterNot(::has)

    private fun has(tool: Tool): Boolean =
        when (tool) {
            Tool.NEWER_JDK -> newerJdk != null
            Tool.VIRTUAL_THREADS -> virtualJdk != null
            Tool.CPYTHON -> python != null
            Tool.UVLOOP -> uvloopPython != null
            Tool.NODE -> hasNode
            Tool.GO -> go != null
            Tool.TOKIO -> tokio != null
            Tool.AIOHTTP -> listOf("/usr/bin/python3", "python3").any { processes.has(it, "-c", "import aiohttp") }
            Tool.NGINX -> processes.has("nginx", "-v")
            // wrk knows no option that succeeds without a URL.
            Tool.WRK -> processes.statusOf("wrk", "-v") != null
        }

    val versions: Map<String, String> by lazy {
        buildMap {
            for (jdk in jdks) put("JDK ${jdk.feature}", jdk.version)
            put("kotlinx.coroutines", library("kotlinx-coroutines-core-jvm"))
            put("Ktor", library("ktor-io-jvm"))
            put("Netty", library("netty-transport"))
            python?.let { put("CPython", said(it, "-c", "import platform; print(platform.python_version())")) }
            uvloopPython?.let { put("uvloop", said(it, "-c", "import uvloop; print(uvloop.__version__)")) }
            if (hasNode) put("Node", said("node", "--version").removePrefix("v"))
            if (hasGo) put("Go", said("go", "version").removePrefix("go version go").substringBefore(' '))
            if (hasTokio) put("tokio", crate("tokio"))
            if (hasTokio) put("rustc", said("rustc", "--version").removePrefix("rustc ").substringBefore(' '))
        }
    }

    private fun said(vararg command: String) = processes.output(command.toList()) ?: "unknown"

    /** The version of a jar beside this one. */
    private fun library(name: String): String {
        val jars = sources.resolve("target/lib").toFile().list().orEmpty()
        val jar = jars.find { Regex.escape(name).toRegex().matchesAt(it, 0) && it.removePrefix("$name-").first().isDigit() }
        return jar?.removePrefix("$name-")?.removeSuffix(".jar") ?: "unknown"
    }

    private fun crate(name: String) =
        CRATES.toFile().list().orEmpty().find { Regex("$name-[0-9.]*").matches(it) }?.removePrefix("$name-") ?: "unknown"

    private fun goProgram(
        name: String,
        source: Path,
    ): Path? {
        val program = output.resolve("go-$name")
        val built =
            processes.run(
                listOf("go", "build", "-o", program.toString(), source.toString()),
                "GOCACHE" to output.resolve("go-cache").toString(),
                "GO111MODULE" to "off",
            )
        return program.takeIf { built.succeeded }
    }

    /** In a copy, since cargo writes beside its sources. */
    private fun cargo(): Path? {
        val copy = output.resolve("tokio")
        copy.resolve("src").createDirectories()
        for (file in listOf("Cargo.toml", "src/main.rs")) peers.resolve("tokio/$file").copyTo(copy.resolve(file), overwrite = true)
        val debian = listOf("source.crates-io.replace-with=\"debian\"", "source.debian.directory=\"$CRATES\"")
        val built =
            processes.run(
                listOf("cargo", "build", "--offline", "--release", "--manifest-path", copy.resolve("Cargo.toml").toString()) +
                    debian.flatMap { listOf("--config", it) },
                "CARGO_TARGET_DIR" to output.resolve("cargo").toString(),
            )
        return output.resolve("cargo/release/simul-peer").takeIf { built.succeeded }
    }

    private companion object {
        const val VIRTUAL = 21

        /** What the peers in Python are written with. */
        const val NEEDED = "import asyncio; asyncio.TaskGroup; asyncio.timeout; asyncio.Runner"
        val CRATES: Path = Path.of("/usr/share/cargo/registry")
    }
}
