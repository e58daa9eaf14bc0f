// SPDX-License-Identifier: Apache-2.0
package dev.simul.http

import dev.simul.loop.EventLoop
import dev.simul.net.ServerOptions
import dev.simul.peers.needing
import dev.simul.peers.needingPythonWith
import dev.simul.peers.pythonWith
import dev.simul.process.DEVNULL
import dev.simul.process.PIPE
import dev.simul.process.STDOUT
import dev.simul.process.createSubprocessExec
import dev.simul.tls.certificate
import dev.simul.tls.serverContext
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import java.io.File
import java.net.InetSocketAddress
import java.nio.ByteBuffer
import kotlin.time.Duration.Companion.seconds

private val HttpServer.port get() = (addresses.single() as InetSocketAddress).port

/** Programs of others are clients of a server here. */
class ServerPeersTest :
    FunSpec({
        fun bytes(text: String) = ByteBuffer.wrap(text.toByteArray())

        /** Answers with what was asked: its method and body at once, in chunks with a trailer, until the end, or after a question. */
        suspend fun answer(exchange: ServerExchange) {
            val body = exchange.body.read()
            val told = "${exchange.request.method} ${body.size} ${body.sumOf { it.toInt() }}"
            if (exchange.request.target != "/chunked") return exchange.respond(ResponseHead(200, Headers.of("X-Told" to told)), bytes(told))
            exchange.inform(ResponseHead(103, Headers.of("Link" to "</style.css>")))
            val writer = exchange.respondStreaming(ResponseHead(200))
            repeat(100) { writer.write(bytes("a".repeat(10_000))) }
            writer.write(bytes(told))
            writer.finish(Headers.of("X-End" to "yes"))
        }

        suspend fun EventLoop.serving(options: ServerOptions = ServerOptions()) = createHttpServer("127.0.0.1", 0, options) { answer(it) }

        suspend fun output(
            program: String,
            vararg args: String,
        ): String =
            createSubprocessExec(program, *args, stdin = DEVNULL, stdout = PIPE, stderr = STDOUT).communicate().stdout!!.decodeToString()

        test("curl").config(enabledOrReasonIf = { needing("curl") }) {
            onLoop {
                val server = serving()
                val url = "http://127.0.0.1:${server.port}"
                output("curl", "-sS", "$url/", "--next", "-sS", "$url/") shouldBe "GET 0 0GET 0 0"
                output("curl", "-sS", "-d", "a".repeat(5000), "$url/") shouldBe "POST 5000 ${5000 * 97}"
                output("curl", "-sS", "-I", "$url/").replace("\r", "") shouldContain "X-Told: HEAD 0 0\nDate: "
                output("curl", "-sS", "--http1.0", "$url/chunked").removePrefix("a".repeat(1_000_000)) shouldBe "GET 0 0"
                output("curl", "-sSv", "$url/chunked").let {
                    it shouldContain "< HTTP/1.1 103 Early Hints"
                    it.replace("\r", "") shouldContain "aGET 0 0"
                }
                val large = File(tempdir(), "large").also { it.writeBytes(ByteArray(3_000_000) { 1 }) }
                output("curl", "-sSv", "-T", "$large", "-H", "Expect: 100-continue", "$url/").let {
                    it shouldContain "< HTTP/1.1 100 Continue"
                    it shouldContain "PUT 3000000 3000000"
                }
                output("curl", "-sS", "-T", "-", "-H", "Transfer-Encoding: chunked", "$url/").let { it shouldBe "PUT 0 0" }
                server.aclose()
            }
        }

        test("curl over TLS").config(enabledOrReasonIf = { needing("curl") }) {
            onLoop {
                val server = serving(ServerOptions(ssl = serverContext()))
                val port = server.port
                output(
                    "curl",
                    "-sS",
                    "--cacert",
                    certificate("ca.pem").toString(),
                    "--connect-to",
                    "localhost:$port:127.0.0.1:$port",
                    "https://localhost:$port/",
                    "-d",
                    "abc",
                ) shouldBe "POST 3 294"
                server.shutdown(1.seconds)
            }
        }

        test("Python's http.client").config(enabledOrReasonIf = { needing("python3") }) {
            onLoop {
                val server = serving()
                val program =
                    """
                    import http.client, sys
                    c = http.client.HTTPConnection("127.0.0.1", int(sys.argv[1]), timeout=30)
                    for i in range(3):
                        c.request("GET", "/"); print(c.getresponse().read().decode())
                    c.request("POST", "/", body=iter([b"a", b"bc"]), encode_chunked=True, headers={"Transfer-Encoding": "chunked"})
                    print(c.getresponse().read().decode())
                    c.request("HEAD", "/"); r = c.getresponse(); print(r.getheader("Content-Length"), r.read())
                    c.request("GET", "/"); print(c.getresponse().read().decode())
                    """.trimIndent()
                output("python3", "-c", program, "${server.port}") shouldBe
                    "GET 0 0\nGET 0 0\nGET 0 0\nPOST 3 294\n8 b''\nGET 0 0\n"
                server.aclose()
            }
        }

        test("aiohttp").config(enabledOrReasonIf = { needingPythonWith("aiohttp") }) {
            val program =
                """
                import aiohttp, asyncio, ssl, sys

                async def main(url, trusted=None):
                    connector = aiohttp.TCPConnector(limit=2, ssl=ssl.create_default_context(cafile=trusted) if trusted else None)
                    async with aiohttp.ClientSession(connector=connector) as session:
                        async def ask(method, path, **options):
                            async with session.request(method, url + path, **options) as response:
                                text = await response.text()
                                return f"{response.status} {len(text)} {text.lstrip('a')}"
                        async def pieces():
                            yield b"a"
                            yield b"bc"
                        print(await ask("GET", "/"))
                        print(await ask("HEAD", "/"))
                        print(await ask("POST", "/", data=pieces()))
                        print(await ask("PUT", "/", data=bytes([1]) * 300_000, expect100=True))
                        print(await ask("GET", "/chunked"))
                        print(set(await asyncio.gather(*(ask("GET", "/") for _ in range(20)))))

                asyncio.run(main(*sys.argv[1:]))
                """.trimIndent()
            val answers =
                "200 7 GET 0 0\n200 0 \n200 10 POST 3 294\n200 17 PUT 300000 300000\n200 1000007 GET 0 0\n{'200 7 GET 0 0'}\n"
            onLoop {
                val server = serving()
                val secure = serving(ServerOptions(ssl = serverContext()))
                val python = pythonWith("aiohttp")!!
                output(python, "-c", program, "http://127.0.0.1:${server.port}") shouldBe answers
                output(python, "-c", program, "https://localhost:${secure.port}", certificate("ca.pem").toString()) shouldBe answers
                server.aclose()
                secure.aclose()
            }
        }

        test("Node").config(enabledOrReasonIf = { needing("node") }) {
            onLoop {
                val server = serving()
                val program =
                    """
                    const http = require("http"), agent = new http.Agent({ keepAlive: true, maxSockets: 1 }), port = process.argv[1];
                    const ask = (method, path, pieces) => new Promise((yes, no) => {
                      const q = http.request({ port, host: "127.0.0.1", method, path, agent }, r => {
                        let size = 0, last = ""; r.on("data", d => { size += d.length; last = d.toString().slice(-20); });
                        r.on("end", () => { console.log(r.statusCode, size, last.replace(/^a+/, ""), r.trailers["x-end"]); yes(); });
                      });
                      q.on("error", no); for (const p of pieces) q.write(p); q.end();
                    });
                    (async () => {
                      await ask("GET", "/", []); await ask("POST", "/", ["a", "bc"]); await ask("GET", "/chunked", []); await ask("GET", "/", []);
                      agent.destroy();
                    })();
                    """.trimIndent()
                output("node", "-e", program, "${server.port}") shouldBe
                    "200 7 GET 0 0 undefined\n200 10 POST 3 294 undefined\n200 1000007 GET 0 0 yes\n200 7 GET 0 0 undefined\n"
                server.aclose()
            }
        }

        test("Go's net/http").config(enabledOrReasonIf = { needing("go") }) {
            val source =
                File(tempdir(), "client.go").also {
                    it.writeText(
                        """
                        package main

                        import ("fmt"; "io"; "net/http"; "os"; "strings")

                        func main() {
                            url := os.Args[1]
                            for _, ask := range [][2]string{{"GET", "/"}, {"POST", "/"}, {"GET", "/chunked"}, {"GET", "/"}} {
                                var body io.Reader
                                if ask[0] == "POST" { body = io.MultiReader(strings.NewReader("a"), strings.NewReader("bc")) }
                                q, _ := http.NewRequest(ask[0], url + ask[1], body)
                                r, err := http.DefaultClient.Do(q)
                                if err != nil { fmt.Println(err); return }
                                all, err := io.ReadAll(r.Body)
                                r.Body.Close()
                                fmt.Println(r.StatusCode, len(all), strings.TrimLeft(string(all), "a"), r.Trailer.Get("X-End"), err)
                            }
                        }
                        """.trimIndent(),
                    )
                }
            onLoop {
                val server = serving()
                output("go", "run", "$source", "http://127.0.0.1:${server.port}") shouldBe
                    "200 7 GET 0 0  <nil>\n200 10 POST 3 294  <nil>\n200 1000007 GET 0 0 yes <nil>\n200 7 GET 0 0  <nil>\n"
                server.aclose()
            }
        }
    })
