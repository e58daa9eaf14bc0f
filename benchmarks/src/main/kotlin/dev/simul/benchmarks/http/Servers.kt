// SPDX-License-Identifier: Apache-2.0
package dev.simul.benchmarks.http

import dev.simul.http.ResponseHead
import dev.simul.http.createHttpServer
import dev.simul.ktor.server.Simul
import dev.simul.loop.getRunningLoop
import dev.simul.net.ServerOptions
import dev.simul.tls.Purpose
import dev.simul.tls.SslContext
import io.ktor.server.application.Application
import io.ktor.server.cio.CIO
import io.ktor.server.engine.ApplicationEngine
import io.ktor.server.engine.connector
import io.ktor.server.engine.embeddedServer
import io.ktor.server.engine.sslConnector
import io.ktor.server.response.respondBytes
import io.ktor.server.routing.get
import io.ktor.server.routing.routing
import java.io.File
import java.nio.ByteBuffer
import java.nio.file.Path
import java.security.KeyStore
import dev.simul.run as runLoop

/** Answers each request with as many bytes. Arguments: the server, the port, the bytes; for TLS, a certificate, its key, and a store of both. */
internal fun main(args: Array<String>) {
    val (name, port, size) = args
    val body = ByteArray(size.toInt())
    val ssl =
        if (args.size < 5) {
            null
        } else {
            SslContext.createDefaultContext(Purpose.CLIENT_AUTH).withCertChain(Path.of(args[3]), Path.of(args[4]))
        }
    when (name) {
        "simul" -> byHand(port.toInt(), body, ssl)
        "simul-ktor" -> ktor(port.toInt(), body, args.getOrNull(STORE))
        "ktor-cio" -> embeddedServer(CIO, port = port.toInt(), host = "127.0.0.1") { answerWith(body) }.start(wait = true)
        else -> error("there is no server '$name'")
    }
}

private fun ktor(
    port: Int,
    body: ByteArray,
    store: String?,
) {
    val configure: ApplicationEngine.Configuration.() -> Unit = {
        if (store == null) {
            connector {
                this.port = port
                host = "127.0.0.1"
            }
        } else {
            val password = Certificate.PASSWORD.toCharArray()
            sslConnector(KeyStore.getInstance(File(store), password), "server", { password }, { password }) {
                this.port = port
                host = "127.0.0.1"
            }
        }
    }
    embeddedServer(Simul, configure = configure) { answerWith(body) }.start(wait = true)
}

private fun byHand(
    port: Int,
    body: ByteArray,
    ssl: SslContext?,
) = runLoop {
    val server =
        getRunningLoop().createHttpServer("127.0.0.1", port, ServerOptions(ssl = ssl, backlog = 1_024)) {
            it.respond(OK, ByteBuffer.wrap(body))
        }
    server.serveForever()
}

private val OK = ResponseHead(200)
private const val STORE = 5

private fun Application.answerWith(body: ByteArray) = routing { get("/{size}") { call.respondBytes(body) } }
