// SPDX-License-Identifier: Apache-2.0
package dev.simul.benchmarks.http

import dev.simul.benchmarks.peers.Processes
import java.net.HttpURLConnection
import java.net.URL
import java.nio.file.Path
import java.nio.file.attribute.PosixFilePermissions
import kotlin.io.path.createDirectories
import kotlin.io.path.setPosixFilePermissions
import kotlin.io.path.writeBytes
import kotlin.io.path.writeText

/** The programs that are measured, and what they need. */
internal class Peers(
    sources: Path,
) : AutoCloseable {
    private val sources = sources.toAbsolutePath()
    private val processes = Processes("http")
    private val scratch = processes.scratch
    private val certificate by lazy { Certificate(scratch, processes.java) }

    private val hasNginx = processes.has("nginx", "-v")
    private val hasGo = processes.has("go", "version") && built("client") && built("server")

    /** wrk knows no option that succeeds without a URL. */
    private val hasWrk = processes.statusOf("wrk", "-v") != null
    private val python = listOf("/usr/bin/python3", "python3").firstOrNull { processes.has(it, "-c", "import aiohttp") }
    private val hasUvloop = python != null && processes.has(python, "-c", "import uvloop")

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

    private fun built(name: String): Boolean {
        val build = ProcessBuilder("go", "build", "-o", scratch.resolve("go-$name").toString(), sources.resolve("$name.go").toString())
        build.environment()["GOCACHE"] = scratch.resolve("go-cache").toString()
        build.environment()["GO111MODULE"] = "off"
        return build.inheritIO().start().waitFor() == 0
    }

    fun freePort(): Int = processes.freePort()

    private fun jvm(
        main: String,
        vararg args: String,
    ): List<String> = processes.jvm("dev.simul.benchmarks.http.$main", *args, options = certificate.trust)

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
        val server = processes.serve(name, port, processes.onProcessors("$processor", command), "GOMAXPROCS" to "1")
        if (!cell.tls) checkAnswer(name, port, cell)
        return server
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
        return processes.output(processes.onProcessors(processor, command), "GOMAXPROCS" to "${cell.processors}")?.toLongOrNull()
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
        processes.output(processes.onProcessors("1", wrk + listOf("-d${warmUp}s", url)))
        return processes
            .output(
                processes.onProcessors("1", wrk + listOf("-d${seconds}s", url)),
                line = "Requests/sec:",
            )?.toDouble()
            ?.toLong()
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
        return processes.output(processes.onProcessors("1", command))?.split(' ')?.map { it.toLong() }
    }

    override fun close(): Unit = processes.close()
}
