// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.mojifinder

import dev.simul.aclosing
import dev.simul.demo.badWeather
import dev.simul.demo.faults
import dev.simul.demo.forever
import dev.simul.exceptions.TimeoutException
import dev.simul.house.Soak
import dev.simul.ktor.client.Simul
import dev.simul.simulation.Host
import dev.simul.simulation.Schedule
import dev.simul.simulation.SimulatedProgram
import dev.simul.simulation.Simulation
import dev.simul.simulation.explore
import dev.simul.simulation.replayCheck
import dev.simul.simulation.simulate
import dev.simul.sleep
import dev.simul.streams.openConnection
import dev.simul.timeout
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import io.ktor.client.HttpClient
import io.ktor.client.request.get
import io.ktor.client.statement.bodyAsText
import java.io.IOException
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.seconds

/** The servers of `simul demo mojifinder`, as they are, on a host of a simulation, with a browser and a telnet on others. */
class MojifinderSimulationTest :
    FunSpec({
        test("both servers find what their clients ask for, far away") {
            simulate(1) { askBoth() }
        }

        test("in bad weather everybody is answered in the end, and the same steps are made in a fresh JVM") {
            replayCheck<InBadWeather>(seeds = Soak.of(1_000))
        }

        test("so they are in whatever order") {
            explore(seeds = Soak.of(1_000), schedule = Schedule.CHAOS) { with(InBadWeather()) { run() } }.runs shouldBe Soak.of(1_000)
        }
    })

private val index by lazy { InvertedIndex() }
private val QUERIES = listOf("tetragram increase", "cat smiling", "no such thing")

private suspend fun Simulation.serve() =
    aclosing(TcpServer(index, ::log, host = "finder")) { tcpServer ->
        aclosing(WebServer(index, host = "finder")) { webServer ->
            tcpServer.start(2323)
            webServer.start(8000)
            forever()
        }
    }

private suspend fun Simulation.askBoth(disturb: suspend (Host) -> Unit = {}) {
    val finder = host("finder") { serve() }
    val telnet = host("telnet") { for (query in QUERIES) untilAnswered { askByTelnet(query) } }
    val browser =
        host("browser") { HttpClient(Simul).use { client -> for (query in QUERIES) untilAnswered { askByWeb(client, query) } } }
    disturb(finder)
    telnet.join()
    browser.join()
}

private suspend fun askByTelnet(query: String) {
    val (reader, writer) = openConnection("finder", 2323)
    try {
        writer.write("$query\r\n".encodeToByteArray())
        val answer = reader.readuntil("found\r\n".encodeToByteArray()).decodeToString()
        val found = index.search(query)
        answer shouldBe "?> " + found.joinToString("") { "$it\r\n" } + "─".repeat(66) + " ${found.size} found\r\n"
    } finally {
        writer.close()
    }
}

private suspend fun askByWeb(
    client: HttpClient,
    query: String,
) {
    val answer = client.get("http://finder:8000/search") { url.parameters.append("q", query) }.bodyAsText()
    Regex("\"name\":\"([^\"]*)\"").findAll(answer).map { it.groupValues[1] }.toList() shouldBe index.search(query).map { it.name }
}

private suspend fun Simulation.untilAnswered(ask: suspend () -> Unit) {
    while (true) {
        try {
            return timeout(20.seconds) { ask() }
        } catch (e: IOException) {
            log("asks again after $e")
        } catch (e: TimeoutException) {
            log("asks again after $e")
        }
        sleep(500.milliseconds)
    }
}

private class InBadWeather : SimulatedProgram {
    override suspend fun Simulation.run() {
        badWeather()
        askBoth { finder -> faults("telnet", finder) }
    }
}
