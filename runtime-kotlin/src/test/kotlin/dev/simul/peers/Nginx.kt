// SPDX-License-Identifier: Apache-2.0
package dev.simul.peers

import dev.simul.sleep
import dev.simul.streams.Streams
import dev.simul.streams.openConnection
import java.io.File
import java.net.ConnectException
import java.net.InetAddress
import java.net.ServerSocket
import kotlin.time.Duration.Companion.milliseconds

/** An Nginx of the test's own, which serves files below [folder], and `/ours/` by way of the server at [upstream]. */
internal class Nginx private constructor(
    private val program: Program,
    private val port: Int,
) : AutoCloseable {
    suspend fun connect(): Streams = openConnection(LOOPBACK, port)

    private suspend fun isListening(): Boolean =
        try {
            connect().writer.aclose()
            true
        } catch (_: ConnectException) {
            false
        }

    /** Waits until it listens; whether it does. */
    private suspend fun hasStarted(): Boolean {
        while (program.isAlive) {
            if (isListening()) return true
            sleep(10.milliseconds)
        }
        return false
    }

    override fun close() = program.close()

    companion object {
        /** It cannot find a free port by itself, and somebody else may be quicker. */
        suspend fun start(
            folder: File,
            upstream: Int,
        ): Nginx {
            lateinit var program: Program
            repeat(5) {
                val port = ServerSocket(0, 1, InetAddress.getByName(LOOPBACK)).use { it.localPort }
                val configuration = File(folder, "nginx.conf").also { it.writeText(configuration(folder, port, upstream)) }
                program = Program(nginxCommand, "-p", "$folder", "-c", "$configuration")
                val nginx = Nginx(program, port)
                if (nginx.hasStarted()) return nginx
                nginx.close()
            }
            error("Nginx does not start; it said:\n${program.output}")
        }

        /** One process, so that none is left when it is killed; nothing outside of [folder] is touched. */
        private fun configuration(
            folder: File,
            port: Int,
            upstream: Int,
        ) = """
            daemon off;
            master_process off;
            pid $folder/nginx.pid;
            error_log stderr error;
            events { worker_connections 100; }
            http {
                access_log off;
                client_body_temp_path $folder/body;
                proxy_temp_path $folder/proxy;
                fastcgi_temp_path $folder/fastcgi;
                uwsgi_temp_path $folder/uwsgi;
                scgi_temp_path $folder/scgi;
                client_max_body_size 0;
                upstream ours {
                    server $LOOPBACK:$upstream;
                    keepalive 4;
                }
                server {
                    listen $LOOPBACK:$port;
                    root $folder/files;
                    keepalive_requests 1000;
                    location /ours/ {
                        proxy_pass http://ours;
                        proxy_http_version 1.1;
                        proxy_set_header Connection "";
                    }
                    location /ours/unbuffered/ {
                        proxy_pass http://ours;
                        proxy_http_version 1.1;
                        proxy_set_header Connection "";
                        proxy_buffering off;
                        proxy_request_buffering off;
                    }
                }
            }
            """.trimIndent()
    }
}
