// SPDX-License-Identifier: Apache-2.0
package dev.simul.benchmarks.http

import java.io.File
import java.io.IOException
import java.net.HttpURLConnection
import java.net.Socket
import java.net.URL
import java.nio.file.Files
import java.nio.file.Path
import java.nio.file.attribute.PosixFilePermissions
import java.util.Timer
import kotlin.concurrent.schedule
import kotlin.io.path.ExperimentalPathApi
import kotlin.io.path.absolutePathString
import kotlin.io.path.createDirectories
import kotlin.io.path.deleteRecursively
import kotlin.io.path.readText
import kotlin.io.path.setPosixFilePermissions
import kotlin.io.path.writeBytes
import kotlin.io.path.writeText

/** The programs that are measured, and what they need. */
internal class Peers(
    sources: Path,
) : AutoCloseable {
    private val sources = sources.toAbsolutePath()
    private val scratch = Files.createTempDirectory("simul-http")
    private val started = ArrayList<Process>()
    private val java = Path.of(System.getProperty("java.home"), "bin", "java").toString()
    private val classPath =
        System
            .getProperty(
                "java.class.path",
            ).split(File.pathSeparator)
            .joinToString(File.pathSeparator) { Path.of(it).absolutePathString() }
    private val certificate by lazy { Certificate(scratch, java) }
    private var lastPort = FIRST_PORT + (System.nanoTime() % PORTS).toInt()

    private val hasNginx = has("nginx", "-v")
    private val hasGo = has("go", "version") && built("client") && built("server")
    private val hasWrk = has("wrk", "-v")
    private val python = listOf("/usr/bin/python3", "python3").firstOrNull { has(it, "-c", "import aiohttp") }
    private val hasUvloop = python != null && has(python, "-c", "import uvloop")

    val clients: List<String> =
        chosen("CLIENTS") ?: listOf("simul", "simul-ktor", "simul-jdk", "jdk", "ktor-cio", "ktor-okhttp") +
            listOfNotNull(
                "go".takeIf { hasGo },
                "aiohttp".takeIf { python != null },
                "aiohttp-uvloop".takeIf { hasUvloop },
            )
    val servers: List<String> =
        chosen("SERVERS") ?: listOf("simul", "simul-ktor", "ktor-cio") + listOfNotNull("go".takeIf { hasGo }, "nginx".takeIf { hasNginx })
    val fastestServer: String = if (hasNginx) "nginx" else "simul"

    private fun chosen(variable: String) = System.getenv(variable)?.split(' ')?.filter(String::isNotEmpty)

    private fun has(vararg command: String) =
        try {
            val process = ProcessBuilder(*command).redirectErrorStream(true).redirectOutput(ProcessBuilder.Redirect.DISCARD).start()
            // wrk knows no option that succeeds without a URL.
            process.waitFor() == 0 || command.first() == "wrk"
        } catch (_: IOException) {
            false
        }

    private fun built(name: String): Boolean {
        val build = ProcessBuilder("go", "build", "-o", scratch.resolve("go-$name").toString(), sources.resolve("$name.go").toString())
        build.environment()["GOCACHE"] = scratch.resolve("go-cache").toString()
        build.environment()["GO111MODULE"] = "off"
        return build.inheritIO().start().waitFor() == 0
    }

    fun freePort(): Int = ++lastPort

    private fun onProcessors(
        processors: String,
        command: List<String>,
    ) = listOf("taskset", "-c", processors) + command

    private fun jvm(
        main: String,
        vararg args: String,
    ): List<String> =
        listOf(java, "-XX:+UseSerialGC", "-Xmx1g", "--add-opens=java.base/java.lang=ALL-UNNAMED", "--enable-native-access=ALL-UNNAMED") +
            certificate.trust + listOf("-cp", classPath, "dev.simul.benchmarks.http.$main") + args

    /** Starts the server [name], and waits until it listens. */
    fun serve(
        name: String,
        port: Int,
        cell: HttpBench.Cell,
        processor: Int = 1,
    ): AutoCloseable {
        val tls = if (cell.tls) arrayOf(certificate.chain, certificate.key, certificate.store) else emptyArray()
        val command =
            when (name) {
                "nginx" -> nginx(port, cell)
                "go" -> listOf(scratch.resolve("go-server").toString(), "$port", "${cell.bytes}", *tls.take(2).toTypedArray())
                else -> jvm("ServersKt", name, "$port", "${cell.bytes}", *tls)
            }
        val process = start(onProcessors("$processor", command), "GOMAXPROCS" to "1")
        awaitListening(port, process, name)
        if (!cell.tls) checkAnswer(name, port, cell)
        return AutoCloseable {
            process.destroy()
            process.waitFor()
        }
    }

    private fun nginx(
        port: Int,
        cell: HttpBench.Cell,
    ): List<String> {
        val home = scratch.resolve("nginx-$port").createDirectories()
        home.resolve("logs").createDirectories()
        // The workers of a nginx that root has started are nobody's.
        scratch.setPosixFilePermissions(PosixFilePermissions.fromString("rwxr-xr-x"))
        home.resolve("www").createDirectories().resolve("${cell.bytes}").writeBytes(ByteArray(cell.bytes))
        val tls = if (cell.tls) "ssl_certificate ${certificate.chain}; ssl_certificate_key ${certificate.key};" else ""
        home.resolve("nginx.conf").writeText(
            """
            worker_processes 1; daemon off; pid nginx.pid; error_log error.log;
            events { worker_connections 4096; }
            http {
              access_log off; keepalive_requests 1000000000; keepalive_timeout 600; root www; sendfile off; open_file_cache max=10;
              server { listen 127.0.0.1:$port${if (cell.tls) " ssl" else ""}; $tls default_type application/octet-stream; }
            }
            """.trimIndent(),
        )
        return listOf("nginx", "-p", home.toString(), "-c", "nginx.conf")
    }

    private fun checkAnswer(
        name: String,
        port: Int,
        cell: HttpBench.Cell,
    ) {
        val answer = URL("http://127.0.0.1:$port/${cell.bytes}").openConnection() as HttpURLConnection
        check(answer.responseCode == HttpURLConnection.HTTP_OK) { "the server $name answers ${answer.responseCode}" }
        val size = answer.inputStream.use { it.readAllBytes().size }
        check(size == cell.bytes) { "the server $name answers with $size bytes, not ${cell.bytes}" }
    }

    private fun awaitListening(
        port: Int,
        process: Process,
        name: String,
    ) {
        repeat(PATIENCE) {
            check(process.isAlive) { "the server $name ended:\n${scratch.resolve("server.log").readText().takeLast(MOST_SHOWN)}" }
            try {
                return Socket("127.0.0.1", port).close()
            } catch (_: IOException) {
                Thread.sleep(100)
            }
        }
        error("the server $name does not listen at $port")
    }

    /** The requests a second of the client [name]; null if it fails. */
    fun askBy(
        name: String,
        url: String,
        cell: HttpBench.Cell,
        warmUp: Int,
        seconds: Int,
        processor: String = if (cell.processors == 1) "0" else "0,1",
    ): Long? {
        val times = arrayOf("${cell.connections}", "$warmUp", "$seconds")
        val command =
            when (name) {
                "go" -> listOf(scratch.resolve("go-client").toString(), url, times[0], "2", times[2])
                "aiohttp", "aiohttp-uvloop" ->
                    listOf(
                        python!!,
                        sources.resolve("client.py").toString(),
                        if (name == "aiohttp") "asyncio" else "uvloop",
                        url,
                        times[0],
                        "2",
                        times[2],
                    )
                else -> jvm("ClientsKt", name, url, *times, *if (cell.tls) arrayOf(certificate.chain) else emptyArray())
            }
        return output(onProcessors(processor, command), "GOMAXPROCS" to "${cell.processors}")?.toLongOrNull()
    }

    /** The requests a second that a server answers. Over TLS, wrk would count the handshakes of its connections. */
    fun load(
        port: Int,
        cell: HttpBench.Cell,
        warmUp: Int,
        seconds: Int,
    ): Long? {
        val url = "${if (cell.tls) "https" else "http"}://127.0.0.1:$port/${cell.bytes}"
        if (!hasWrk || cell.tls) return askBy("simul", url, cell, warmUp, seconds, processor = "1")
        val wrk = listOf("wrk", "-t1", "-c${cell.connections}")
        output(onProcessors("1", wrk + listOf("-d${warmUp}s", url)))
        return output(onProcessors("1", wrk + listOf("-d${seconds}s", url)), line = "Requests/sec:")?.toDouble()?.toLong()
    }

    /** How long a server takes at a fixed rate: p50, p99 and p99.9 in microseconds. */
    fun latencies(
        port: Int,
        cell: HttpBench.Cell,
        rate: Int,
        warmUp: Int,
        seconds: Int,
    ): List<Long>? {
        val command = jvm("Latency", "http://127.0.0.1:$port/${cell.bytes}", "$rate", "$warmUp", "$seconds")
        return output(onProcessors("1", command))?.split(' ')?.map { it.toLong() }
    }

    private fun start(
        command: List<String>,
        vararg environment: Pair<String, String>,
    ): Process {
        val builder = ProcessBuilder(command).directory(scratch.toFile())
        builder.environment().putAll(environment)
        builder.redirectErrorStream(true).redirectOutput(scratch.resolve("server.log").toFile())
        return builder.start().also(started::add)
    }

    /**
     * The last line that [command] prints, or what follows [line] in the line that begins with it. One that takes too long is stopped, such as
     * a client that keeps 1,000 bodies of 1 MiB in its memory at once.
     */
    private fun output(
        command: List<String>,
        vararg environment: Pair<String, String>,
        line: String = "",
    ): String? {
        val log = scratch.resolve("client.log")
        val builder = ProcessBuilder(command).directory(scratch.toFile()).redirectError(log.toFile())
        builder.environment().putAll(environment)
        val process = builder.start().also(started::add)
        val limit = Timer(true).apply { schedule(MOST_SECONDS * 1_000L) { process.destroyForcibly() } }
        val lines = process.inputStream.bufferedReader().readLines()
        val status = process.waitFor()
        limit.cancel()
        if (status != 0) {
            val end = if (status == KILLED) "was stopped after $MOST_SECONDS s" else log.readText().takeLast(MOST_SHOWN)
            System.err.println("${command.joinToString(" ").takeLast(MOST_SHOWN)}\n$end")
        }
        return lines.lastOrNull { it.startsWith(line) }?.removePrefix(line)?.trim()
    }

    @OptIn(ExperimentalPathApi::class)
    override fun close() {
        for (process in started) process.destroyForcibly().waitFor()
        scratch.deleteRecursively()
    }

    private companion object {
        const val FIRST_PORT = 21_000
        const val PORTS = 9_000
        const val PATIENCE = 200
        const val MOST_SHOWN = 500

        /** For one program: several times what it takes to warm up and to measure. */
        const val MOST_SECONDS = 90

        /** The status of a process that SIGKILL has ended. */
        const val KILLED = 137
    }
}
