// SPDX-License-Identifier: Apache-2.0
package dev.simul.ktor.docs

import dev.simul.ktor.client.Simul
import dev.simul.simulation.Exploration
import dev.simul.simulation.SimulatedProgram
import dev.simul.simulation.Simulation
import dev.simul.simulation.explore
import dev.simul.simulation.replayCheck
import dev.simul.sleep
import io.ktor.client.HttpClient
import io.ktor.client.request.put
import io.ktor.client.request.setBody
import io.ktor.client.statement.bodyAsText
import io.ktor.server.application.Application
import io.ktor.server.engine.embeddedServer
import io.ktor.server.request.receiveText
import io.ktor.server.response.respondText
import io.ktor.server.routing.put
import io.ktor.server.routing.routing
import java.io.IOException
import kotlin.time.Duration.Companion.seconds
import dev.simul.ktor.server.Simul as SimulServer

internal open class OnlineOffice {
    val owners = HashMap<String, String>()

    fun Application.module() {
        routing {
            put("/seats/{seat}") {
                val isSold = sell(call.parameters["seat"]!!, call.receiveText())
                call.respondText(if (isSold) "yours" else "taken")
            }
        }
    }

    open fun sell(
        seat: String,
        name: String,
    ): Boolean = owners.putIfAbsent(seat, name) == null

    suspend fun serve() {
        embeddedServer(SimulServer, port = 80) { module() }.startSuspend(wait = true)
    }
}

internal suspend fun buyOnline(
    name: String,
    seat: Int,
): String =
    HttpClient(Simul).use { client ->
        while (true) {
            try {
                return client.put("http://office/seats/$seat") { setBody(name) }.bodyAsText()
            } catch (_: IOException) {
                sleep(1.seconds)
            }
        }
        error("unreachable")
    }

internal suspend fun Simulation.aSeatOnline(office: OnlineOffice) {
    network.conditions.resets = 0.1
    host("office") { office.serve() }
    host("ada") {
        val answer = buyOnline("ada", seat = 7)
        check(answer == "yours") { "ada is told '$answer' of the seat of ${office.owners["7"]}" }
    }.join()
}

internal fun manyRunsOnline(): Exploration = explore(seeds = 1_000) { aSeatOnline(OnlineOffice()) }

internal class PatientOffice : OnlineOffice() {
    override fun sell(
        seat: String,
        name: String,
    ): Boolean = owners.putIfAbsent(seat, name).let { it == null || it == name }
}

internal fun manyRunsOfThePatientOne(): Exploration = explore(seeds = 1_000) { aSeatOnline(PatientOffice()) }

internal class SeatOnline : SimulatedProgram {
    override suspend fun Simulation.run() = aSeatOnline(PatientOffice())
}

internal fun theSameOnlineInAnotherJvm() {
    replayCheck<SeatOnline>(seeds = 20)
}
