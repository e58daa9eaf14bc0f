// SPDX-License-Identifier: Apache-2.0
package dev.simul.net

import dev.simul.createTask
import dev.simul.tls.clientContext
import dev.simul.tls.serverContext
import dev.simul.transports.RecordingProtocol
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import java.nio.channels.SocketChannel

class ConnectAcceptedSocketTest :
    FunSpec({
        test("a connection that was accepted elsewhere has a transport, over TLS if it is to") {
            withListener { listener ->
                onLoop { loop ->
                    val options = ConnectionOptions(ssl = clientContext(), serverHostname = "localhost")
                    val connecting = createTask { loop.createConnection("127.0.0.1", listener.port, options) { RecordingProtocol() } }
                    listener.configureBlocking(false)
                    val accepted = loop.sockAccept(listener)
                    val server = loop.connectAcceptedSocket(accepted, ServerOptions(ssl = serverContext())) { RecordingProtocol() }
                    val client = connecting.await()
                    client.transport.write("hello".encodeToByteArray())
                    server.protocol.received { it == "hello" }
                    client.transport.getExtraInfo("cipher") shouldBe server.transport.getExtraInfo("cipher")
                    client.transport.close()
                    client.protocol.lost.await()
                    server.protocol.lost.await()
                }
            }
        }

        test("a channel that is not connected is refused") {
            onLoop { loop ->
                SocketChannel.open().use { channel ->
                    shouldThrow<IllegalArgumentException> { loop.connectAcceptedSocket(channel) { RecordingProtocol() } }
                        .message shouldContain "is not connected: accept it before"
                }
            }
        }
    })
