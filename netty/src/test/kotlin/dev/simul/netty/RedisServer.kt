// SPDX-License-Identifier: Apache-2.0
package dev.simul.netty

import dev.simul.sleep
import io.kotest.core.descriptors.Descriptor
import io.kotest.core.extensions.EnabledExtension
import io.kotest.core.test.Enabled
import io.lettuce.core.RedisURI
import java.io.File
import java.net.ConnectException
import java.net.ServerSocket
import java.net.Socket
import java.nio.file.Files
import java.util.concurrent.TimeUnit
import kotlin.time.Duration.Companion.milliseconds

private const val COMMAND = "redis-server"

/** A Redis of the test's own, which keeps nothing on the disk. */
internal class RedisServer private constructor(
    val port: Int,
    options: List<String>,
) : AutoCloseable {
    private val folder = Files.createTempDirectory("simul-redis")
    private val process =
        ProcessBuilder(listOf(COMMAND, "--port", "$port", "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", "$folder") + options)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start()

    private val isListening: Boolean
        get() =
            try {
                Socket("127.0.0.1", port).close()
                true
            } catch (_: ConnectException) {
                false
            }

    val uri: RedisURI get() = RedisURI.create("127.0.0.1", port)

    /** Kills it, as a crash would. */
    override fun close() {
        process.destroyForcibly().waitFor(30, TimeUnit.SECONDS)
        folder.toFile().deleteRecursively()
    }

    companion object {
        suspend fun start(
            vararg options: String,
            port: Int = ServerSocket(0).use { it.localPort },
        ): RedisServer {
            val server = RedisServer(port, options.asList())
            while (!server.isListening) {
                check(server.process.isAlive) { "$COMMAND has ended with ${server.process.exitValue()}" }
                sleep(10.milliseconds)
            }
            return server
        }
    }
}

/** Disables the tests of a spec where there is no redis-server. */
internal object NeedingRedis : EnabledExtension {
    private val isThere = System.getenv("PATH").orEmpty().split(File.pathSeparator).any { File(it, COMMAND).canExecute() }

    override suspend fun isEnabled(descriptor: Descriptor): Enabled =
        if (isThere) Enabled.enabled else Enabled.disabled("there is no $COMMAND: install it")
}
