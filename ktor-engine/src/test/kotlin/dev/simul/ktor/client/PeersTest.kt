// SPDX-License-Identifier: Apache-2.0
package dev.simul.ktor.client

import dev.simul.ktor.eventually
import dev.simul.ktor.onLoop
import dev.simul.peers.needing
import dev.simul.peers.needingPythonWith
import dev.simul.peers.programsAt
import dev.simul.peers.pythonWith
import dev.simul.process.DEVNULL
import dev.simul.process.PIPE
import dev.simul.process.STDOUT
import dev.simul.process.createSubprocessExec
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.shouldBe
import io.ktor.client.HttpClient
import io.ktor.client.plugins.websocket.WebSockets
import io.ktor.client.plugins.websocket.webSocket
import io.ktor.client.request.get
import io.ktor.client.request.head
import io.ktor.client.request.post
import io.ktor.client.request.setBody
import io.ktor.client.statement.bodyAsBytes
import io.ktor.client.statement.bodyAsText
import io.ktor.http.content.OutgoingContent
import io.ktor.utils.io.ByteWriteChannel
import io.ktor.utils.io.writeFully
import io.ktor.websocket.Frame
import io.ktor.websocket.readText
import io.ktor.websocket.send
import java.io.File
import java.net.ServerSocket

private const val NODE = """
const server = require('http').createServer((request, response) => {
  const parts = [];
  request.on('data', part => parts.push(part));
  request.on('end', () => {
    response.writeEarlyHints({ link: '</style.css>; rel=preload' });
    response.write(request.method + ' ' + Buffer.concat(parts).length);
    if (request.method != 'HEAD') response.addTrailers({ 'X-End': 'yes' });
    response.end();
  });
});
server.listen(0, '127.0.0.1', () => console.log(server.address().port));
"""

private const val GO = """package main

import (
	"fmt"
	"io"
	"net"
	"net/http"
)

func main() {
	listener, _ := net.Listen("tcp", "127.0.0.1:0")
	fmt.Println(listener.Addr().(*net.TCPAddr).Port)
	http.Serve(listener, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		fmt.Fprintf(w, "%s %d", r.Method, len(body))
	}))
}
"""

private const val AIOHTTP = """
import asyncio
from aiohttp import web

async def answer(request):
    return web.Response(text=f"{request.method} {len(await request.read())}")

async def stream(request):
    response = web.StreamResponse()
    response.enable_compression()
    await response.prepare(request)
    for _ in range(100):
        await response.write(b"a" * 10_000)
    return response

async def echo(request):
    socket = web.WebSocketResponse()
    await socket.prepare(request)
    async for message in socket:
        await socket.send_str("said: " + message.data)
    return socket

async def main():
    app = web.Application(client_max_size=1 << 20)
    app.router.add_route("*", "/", answer)
    app.router.add_get("/stream", stream)
    app.router.add_get("/echo", echo)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    print(runner.addresses[0][1], flush=True)
    await asyncio.Event().wait()

asyncio.run(main())
"""

/** Servers of others, as processes. */
class PeersTest :
    FunSpec({
        val chunked =
            object : OutgoingContent.WriteChannelContent() {
                override suspend fun writeTo(channel: ByteWriteChannel) = repeat(100) { channel.writeFully(ByteArray(1000)) }
            }

        /** Runs [body] with a server that says its port on its first line. */
        fun withProcess(
            program: String,
            vararg args: String,
            body: suspend (HttpClient, String) -> Unit,
        ) = onLoop {
            val process = createSubprocessExec(program, *args, stdin = DEVNULL, stdout = PIPE, stderr = STDOUT)
            try {
                val port = process.stdout!!.readline().decodeToString().let { Regex("\\d{4,}").find(it)!!.value }
                HttpClient(Simul).use { body(it, "http://127.0.0.1:$port") }
            } finally {
                process.kill()
                process.wait()
            }
        }

        suspend fun talk(
            client: HttpClient,
            url: String,
        ) {
            repeat(3) {
                client.get(url).bodyAsText() shouldBe "GET 0"
                client.post(url) { setBody(ByteArray(300_000)) }.bodyAsText() shouldBe "POST 300000"
                client.post(url) { setBody(chunked) }.bodyAsText() shouldBe "POST 100000"
                client.head(url).status.value shouldBe 200
            }
        }

        test(
            "Node",
        ).config(enabledOrReasonIf = { needing("node") }) { withProcess("node", "-e", NODE) { client, url -> talk(client, url) } }

        test("Python's http.server, which speaks HTTP/1.0").config(enabledOrReasonIf = { needing("python3") }) {
            val folder = tempdir()
            File(folder, "file").writeBytes(ByteArray(200_000))
            withProcess("python3", "-u", "-m", "http.server", "0", "--bind", "127.0.0.1", "--directory", "$folder") { client, url ->
                repeat(3) { client.get("$url/file").bodyAsBytes().size shouldBe 200_000 }
                client.get("$url/missing").status.value shouldBe 404
                client.head("$url/file").headers["Content-Length"] shouldBe "200000"
            }
        }

        test("aiohttp").config(enabledOrReasonIf = { needingPythonWith("aiohttp") }) {
            withProcess(pythonWith("aiohttp")!!, "-c", AIOHTTP) { client, url ->
                talk(client, url)
                client.get("$url/stream").bodyAsBytes().size shouldBe 1_000_000
                client.get("$url/missing").status.value shouldBe 404
                client.post(url) { setBody(ByteArray(2_000_000)) }.status.value shouldBe 413
                client.config { install(WebSockets) }.use { sockets ->
                    sockets.webSocket("$url/echo".replace("http", "ws")) {
                        for (text in listOf("one", "two".repeat(50_000))) {
                            send(text)
                            (incoming.receive() as Frame.Text).readText() shouldBe "said: $text"
                        }
                    }
                }
                talk(client, url)
            }
        }

        test("Go").config(enabledOrReasonIf = { needing("go") }) {
            val source = File(tempdir(), "main.go").also { it.writeText(GO) }
            val program = File(source.parentFile, "main")
            onLoop {
                createSubprocessExec("go", "build", "-o", "$program", "$source", stdout = DEVNULL, stderr = DEVNULL).wait() shouldBe 0
            }
            withProcess("$program") { client, url -> talk(client, url) }
        }

        test("nginx").config(enabledOrReasonIf = { needing("nginx") }) {
            val folder = tempdir()
            val port = ServerSocket(0).use { it.localPort }
            File(folder, "file").writeBytes(ByteArray(500_000))
            File(folder, "conf").writeText(
                """
                daemon off; master_process off; pid $folder/pid; error_log $folder/log;
                events {}
                http {
                  access_log off; client_body_temp_path $folder; proxy_temp_path $folder; fastcgi_temp_path $folder;
                  uwsgi_temp_path $folder; scgi_temp_path $folder; keepalive_requests 3; client_max_body_size 1k;
                  server { listen 127.0.0.1:$port; root $folder; }
                }
                """.trimIndent(),
            )
            onLoop {
                val process =
                    createSubprocessExec(
                        programsAt("nginx").first(),
                        "-c",
                        "$folder/conf",
                        "-p",
                        "$folder",
                        stdout = DEVNULL,
                        stderr = DEVNULL,
                    )
                try {
                    eventually { runCatching { java.net.Socket("127.0.0.1", port).close() }.isSuccess }
                    HttpClient(Simul).use { client ->
                        repeat(20) { client.get("http://127.0.0.1:$port/file").bodyAsBytes().size shouldBe 500_000 }
                        client.post("http://127.0.0.1:$port/file") { setBody(ByteArray(100)) }.status.value shouldBe 405
                        repeat(5) { client.post("http://127.0.0.1:$port/file") { setBody(ByteArray(2000)) }.status.value shouldBe 413 }
                        client.get("http://127.0.0.1:$port/file").bodyAsBytes().size shouldBe 500_000
                    }
                } finally {
                    process.kill()
                    process.wait()
                }
            }
        }
    })
