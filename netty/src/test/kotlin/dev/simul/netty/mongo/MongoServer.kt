// SPDX-License-Identifier: Apache-2.0
package dev.simul.netty.mongo

import dev.simul.sleep
import io.kotest.core.descriptors.Descriptor
import io.kotest.core.extensions.EnabledExtension
import io.kotest.core.test.Enabled
import java.io.File
import java.net.ConnectException
import java.net.ServerSocket
import java.net.Socket
import java.nio.file.Files
import java.util.concurrent.TimeUnit
import kotlin.time.Duration.Companion.milliseconds

private const val COMMAND = "mongod"

/** A MongoDB of the test's own, which keeps nothing. */
internal class MongoServer private constructor(
    private val port: Int,
) : AutoCloseable {
    private val folder = Files.createTempDirectory("simul-mongo")
    private val process =
        ProcessBuilder(COMMAND, "--port", "$port", "--bind_ip", "127.0.0.1", "--dbpath", "$folder", "--nounixsocket")
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start()

    val uri: String get() = "mongodb://127.0.0.1:$port"

    private val isListening: Boolean
        get() =
            try {
                Socket("127.0.0.1", port).close()
                true
            } catch (_: ConnectException) {
                false
            }

    override fun close() {
        process.destroyForcibly().waitFor(30, TimeUnit.SECONDS)
        folder.toFile().deleteRecursively()
    }

    companion object {
        suspend fun start(): MongoServer {
            val server = MongoServer(ServerSocket(0).use { it.localPort })
            while (!server.isListening) {
                check(server.process.isAlive) { "$COMMAND has ended with ${server.process.exitValue()}" }
                sleep(10.milliseconds)
            }
            return server
        }
    }
}

/** Disables the tests of a spec where there is no mongod. */
internal object NeedingMongo : EnabledExtension {
    private val isThere = System.getenv("PATH").orEmpty().split(File.pathSeparator).any { File(it, COMMAND).canExecute() }

    override suspend fun isEnabled(descriptor: Descriptor): Enabled =
        if (isThere) Enabled.enabled else Enabled.disabled("there is no $COMMAND: install it")
}
