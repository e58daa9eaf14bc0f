// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.gallery.drivers

import dev.simul.demo.gallery.NeededServer
import io.lettuce.core.RedisURI
import java.net.ConnectException
import java.net.ServerSocket
import java.net.Socket
import java.nio.file.Files

internal val redisServer = NeededServer("redis-server")

/** A Redis for one program, which only this machine can reach, and which keeps nothing. Starting and stopping it blocks. */
internal class LocalRedis private constructor(
    private val port: Int,
) : AutoCloseable {
    private val folder = Files.createTempDirectory("simul-redis")
    private val process =
        ProcessBuilder(redisServer.name, "--port", "$port", "--bind", "127.0.0.1", "--save", "", "--dir", "$folder")
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start()

    val uri: RedisURI = RedisURI.create("127.0.0.1", port)

    private fun isListening(): Boolean =
        try {
            Socket("127.0.0.1", port).close()
            true
        } catch (_: ConnectException) {
            false
        }

    override fun close() {
        process.destroy()
        process.waitFor()
        folder.toFile().deleteRecursively()
    }

    internal companion object {
        /** Starts one, and waits until it listens. */
        @JvmStatic
        fun start(): LocalRedis {
            val redis = LocalRedis(ServerSocket(0).use { it.localPort })
            while (!redis.isListening()) {
                check(redis.process.isAlive) { "${redisServer.name} has ended with ${redis.process.exitValue()}" }
                Thread.sleep(10)
            }
            return redis
        }
    }
}
