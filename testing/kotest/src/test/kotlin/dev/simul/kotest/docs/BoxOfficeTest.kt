// SPDX-License-Identifier: Apache-2.0
package dev.simul.kotest.docs

import dev.simul.kotest.SimulatedExtension
import dev.simul.kotest.simulation
import dev.simul.simulation.Schedule
import dev.simul.simulation.Simulation
import dev.simul.sleep
import dev.simul.streams.openConnection
import dev.simul.streams.startServer
import dev.simul.sync.Lock
import dev.simul.use
import io.kotest.core.spec.style.FunSpec
import kotlin.time.Duration.Companion.microseconds

class BoxOfficeTest :
    FunSpec({
        extension(SimulatedExtension(seeds = 1_000, schedule = Schedule.CHAOS))

        test("no seat is sold twice") {
            simulation.twoCustomers(CarefulOffice())
        }
    })

/** That of the guide, as the simulation's own samples have it. */
internal class CarefulOffice {
    private val lock = Lock()
    private val sold = HashSet<Int>()

    private suspend fun sell(seat: Int): Boolean =
        lock.use {
            if (seat in sold) return@use false
            sleep(100.microseconds)
            sold += seat
            true
        }

    suspend fun serve() {
        val server =
            startServer("0.0.0.0", 8000) { reader, writer ->
                val seat = reader.readline().decodeToString().trim().toInt()
                writer.write(if (sell(seat)) "yours\n".encodeToByteArray() else "taken\n".encodeToByteArray())
                writer.aclose()
            }
        server.serveForever()
    }
}

internal suspend fun Simulation.twoCustomers(office: CarefulOffice) {
    host("office") { office.serve() }
    val answers = ArrayList<String>()
    val customers =
        listOf("ada", "bob").map { name ->
            host(name) {
                val (reader, writer) = openConnection("office", 8000)
                writer.write("7\n".encodeToByteArray())
                answers += reader.readline().decodeToString()
                writer.aclose()
            }
        }
    customers.forEach { it.join() }
    check(answers.sorted() == listOf("taken\n", "yours\n")) { "seat 7 was sold otherwise: $answers" }
}
