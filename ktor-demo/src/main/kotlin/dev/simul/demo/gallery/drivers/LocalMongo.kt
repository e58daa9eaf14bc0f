// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.gallery.drivers

import dev.simul.demo.gallery.NeededServer
import java.net.ConnectException
import java.net.ServerSocket
import java.net.Socket
import java.nio.file.Files
import java.nio.file.Path
import java.util.concurrent.TimeUnit

internal val mongoServer = NeededServer("mongod")

/** A MongoDB for one program, which only this machine can reach, and which keeps nothing. Starting and stopping it blocks. */
internal class LocalMongo private constructor(
    private val folder: Path,
    private val port: Int,
) : AutoCloseable {
    private val process =
        ProcessBuilder(mongoServer.name, "--port", "$port", "--bind_ip", "127.0.0.1", "--dbpath", "$folder", "--nounixsocket")
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start()

    val uri: String = "mongodb://127.0.0.1:$port"

    private val isListening: Boolean
        get() =
            try {
                Socket("127.0.0.1", port).close()
                true
            } catch (_: ConnectException) {
                false
            }

    override fun close() {
        process.destroy()
        if (!process.waitFor(10, TimeUnit.SECONDS)) process.destroyForcibly().waitFor()
        folder.toFile().deleteRecursively()
    }

    internal companion object {
        /** Starts one, and waits until it listens. */
        @JvmStatic
        fun start(): LocalMongo {
            val mongo = LocalMongo(Files.createTempDirectory("simul-mongo"), ServerSocket(0).use { it.localPort })
            while (!mongo.isListening) {
                check(mongo.process.isAlive) { "${mongoServer.name} has ended with ${mongo.process.exitValue()}" }
                Thread.sleep(10)
            }
            return mongo
        }
    }
}
