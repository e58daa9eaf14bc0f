// SPDX-License-Identifier: Apache-2.0
package dev.simul.docs

import dev.simul.Child
import dev.simul.IgnoredSignals
import dev.simul.aclosing
import dev.simul.loop.addSignalHandler
import dev.simul.loop.getRunningLoop
import dev.simul.net.ConnectionOptions
import dev.simul.net.ServerOptions
import dev.simul.net.onLoop
import dev.simul.net.port
import dev.simul.runLoop
import dev.simul.streams.openConnection
import dev.simul.streams.startServer
import dev.simul.sync.Event
import dev.simul.tls.SslCertVerificationException
import dev.simul.tls.certificate
import dev.simul.tls.clientContext
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.core.test.Enabled
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import java.net.Socket
import java.nio.file.Path
import kotlin.io.path.copyTo
import kotlin.io.path.writeText

class DeploymentSamplesTest :
    FunSpec({
        val signals = { _: Any -> IgnoredSignals.obstacle?.let(Enabled::disabled) ?: Enabled.enabled }

        test("a certificate is replaced while the server runs, and what cannot be read replaces nothing") {
            val folder = tempdir().toPath()
            val certificate = folder.resolve("server.pem")
            present("expired", folder)
            val tls = ReloadedTls(certificate, folder.resolve("server.key"))
            onLoop {
                val server = startServer("127.0.0.1", 0, options = ServerOptions(ssl = tls.context)) { _, writer -> writer.close() }
                aclosing(server) {
                    shouldThrow<SslCertVerificationException> { connect(server.port) }
                    present("server", folder)
                    shouldThrow<SslCertVerificationException> { connect(server.port) }
                    tls.reload()
                    connect(server.port)
                    certificate.writeText("half a certif")
                    shouldThrow<IllegalArgumentException> { tls.reload() }
                    connect(server.port)
                }
            }
        }

        test("a server takes the socket that it was started with").config(enabledOrReasonIf = signals) {
            Child("dev.simul.docs.InheritedServer", "echo", shell = listOf("python3", "-c", LISTEN)).use { child ->
                val port = child.line().toInt()
                child.line() shouldBe "serving port $port"
                Socket("127.0.0.1", port).use {
                    it.getOutputStream().write("hello\n".encodeToByteArray())
                    it.getInputStream().bufferedReader().readLine() shouldBe "hello"
                }
                child.signal("TERM")
                child.rest() shouldContainExactly listOf("closing")
                child.exitStatus() shouldBe 0
            }
        }
    })

/** Listens, and starts a program that finds the socket at its standard input, as systemd does. */
private const val LISTEN =
    "import os, socket, sys; s = socket.create_server(('127.0.0.1', 0)); print(s.getsockname()[1], flush=True); " +
        "os.dup2(s.fileno(), 0); os.execvp(sys.argv[1], sys.argv[1:])"

private fun present(
    name: String,
    folder: Path,
) {
    certificate("$name.pem").copyTo(folder.resolve("server.pem"), overwrite = true)
    certificate("$name.key").copyTo(folder.resolve("server.key"), overwrite = true)
}

private suspend fun connect(port: Int) {
    val (reader, writer) = openConnection("localhost", port, options = ConnectionOptions(ssl = clientContext()))
    aclosing(writer) { reader.read() }
}

object InheritedServer {
    @JvmStatic
    fun main(args: Array<String>) =
        runLoop {
            val told = Event()
            getRunningLoop().addSignalHandler("TERM") { told.set() }
            val server = serveInherited { Echo() }
            println("serving port ${server.port}")
            told.wait()
            println("closing")
            server.close()
            println("what is said after that is lost")
        }
}
