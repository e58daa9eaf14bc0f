// SPDX-License-Identifier: Apache-2.0
package dev.simul.http.simulation

import dev.simul.house.Soak
import dev.simul.http.ConnectTimeoutException
import dev.simul.http.HttpConnector
import dev.simul.http.HttpConnectorOptions
import dev.simul.http.HttpRoute
import dev.simul.http.RequestOptions
import dev.simul.loop.getRunningLoop
import dev.simul.simulation.Latency
import dev.simul.simulation.Schedule
import dev.simul.simulation.explore
import dev.simul.simulation.replayCheck
import dev.simul.simulation.simulate
import dev.simul.sleep
import dev.simul.streams.openConnection
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.ints.shouldBeGreaterThan
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldEndWith
import io.kotest.matchers.string.shouldStartWith
import java.net.SocketTimeoutException
import kotlin.time.Duration.Companion.hours
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.minutes
import kotlin.time.Duration.Companion.seconds

/** The servers and clients of this module under `simulate`. */
class HttpSimulationTest :
    FunSpec({
        test("all requests are answered in the end, whatever fails, and the same steps are made in a fresh JVM") {
            replayCheck<Requests>(seeds = Soak.of(2_000))
            replayCheck<Requests>(seed = 1_000_000, Schedule.CHAOS, seeds = Soak.of(2_000))
            Requests.failures.get() shouldBeGreaterThan Soak.of(2_000)
        }

        test("so they are over TLS") {
            replayCheck<SecureRequests>(seeds = Soak.of(1_000))
            explore(seeds = Soak.of(1_000)) { with(SecureRequests()) { run() } }.runs shouldBe Soak.of(1_000)
        }

        test("no order of what is ready keeps requests from being answered") {
            explore(seeds = Soak.of(2_000)) { with(Requests()) { run() } }.interleavings shouldBe Soak.of(2_000)
        }

        test("the times of a client pass at once, and to the nanosecond") {
            simulate {
                host("server") { serve() }
                network.conditions.latency = Latency(10.milliseconds)
                val options = HttpConnectorOptions(connectTimeout = 3.seconds, keepaliveTimeout = 1.minutes)
                HttpConnector(options = options).use { connector ->
                    val route = HttpRoute("server", PORT)
                    connector.request(route, get("/text/3")).body.read().decodeToString() shouldBe "def"
                    now shouldBe 40.milliseconds // two ways for the connection, two for the request

                    shouldThrow<SocketTimeoutException> {
                        connector.request(route, get("/late/100000"), options = RequestOptions(socketTimeout = 5.seconds))
                    }
                    now shouldBe 5.seconds + 40.milliseconds
                    sleep(0.seconds) // The connection is closed in the next turn.
                    connector.size shouldBe 0

                    connector.request(route, get("/text/3")).body.read()
                    sleep(59.seconds)
                    connector.idleSize shouldBe 1
                    sleep(1.seconds)
                    connector.idleSize shouldBe 0

                    network.partition("main", "server")
                    val begun = now
                    shouldThrow<ConnectTimeoutException> { connector.request(route, get("/text/3")) }
                    now - begun shouldBe 3.seconds
                }
            }
        }

        test("the times of a server pass at once, and to the nanosecond") {
            simulate {
                network.conditions.latency = Latency(10.milliseconds)
                host("server") { serve() }

                suspend fun say(text: String): String {
                    val (reader, writer) = openConnection("server", PORT)
                    writer.write(text.toByteArray())
                    return reader.read().decodeToString().also { writer.close() }
                }
                say("") shouldBe ""
                now shouldBe 10.seconds + 40.milliseconds // Its last way is that of the end.
                sleep(20.seconds - now)
                say("GET / HTTP/1.1\r\n") shouldStartWith "HTTP/1.1 408 "
                now shouldBe 30.seconds + 40.milliseconds
                sleep(1.minutes - now)
                say("GET /text/1 HTTP/1.1\r\nHost: server\r\n\r\n") shouldEndWith "\r\n\r\nb"
                now shouldBe 1.minutes + 75.seconds + 40.milliseconds
            }
        }

        test("answers are dated by the clock of their host, which began with the year 2000") {
            simulate {
                val server = host("server") { serve() }
                val connector = HttpConnector()


                suspend fun date() = connector.request(HttpRoute("server", PORT), get("/late/0")).head.headers["Date"]
                date() shouldBe "Sat, 01 Jan 2000 00:00:00 GMT"
                sleep(36.hours)
                date() shouldBe "Sun, 02 Jan 2000 12:00:00 GMT"
                server.clockSkew = 1.hours
                date() shouldBe "Sun, 02 Jan 2000 13:00:00 GMT"
                connector.close()
            }
        }
    })
