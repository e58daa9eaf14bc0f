// SPDX-License-Identifier: Apache-2.0
package dev.simul.simulation.docs

import dev.simul.simulation.Exploration
import dev.simul.simulation.Latency
import dev.simul.simulation.Schedule
import dev.simul.simulation.SimulatedProgram
import dev.simul.simulation.Simulation
import dev.simul.simulation.explore
import dev.simul.simulation.histories.History
import dev.simul.simulation.histories.Model
import dev.simul.simulation.histories.Step
import dev.simul.simulation.replayCheck
import dev.simul.simulation.simulate
import dev.simul.sleep
import dev.simul.streams.openConnection
import dev.simul.streams.startServer
import dev.simul.sync.Lock
import dev.simul.timeout
import dev.simul.use
import dev.simul.workers.Supervisor
import kotlin.time.Duration.Companion.microseconds
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.minutes
import kotlin.time.Duration.Companion.seconds

open class BoxOffice {
    private val sold = HashSet<Int>()
    val tickets = ArrayList<Int>()

    open suspend fun sell(seat: Int): Boolean {
        if (seat in sold) return false
        sleep(100.microseconds) // The ticket is printed.
        tickets += seat
        sold += seat
        return true
    }

    suspend fun serve() {
        val server =
            startServer("0.0.0.0", 8000) { reader, writer ->
                val seat = reader.readline().decodeToString().trim().toInt()
                val answer = if (sell(seat)) "yours" else "taken"
                writer.write("$answer\n".encodeToByteArray())
                writer.aclose()
            }
        server.serveForever()
    }
}

suspend fun buy(seat: Int): Boolean {
    val (reader, writer) = openConnection("office", 8000)
    writer.write("$seat\n".encodeToByteArray())
    val answer = reader.readline().decodeToString().trim()
    writer.aclose()
    return answer == "yours"
}

suspend fun Simulation.twoCustomers(office: BoxOffice) {
    host("office") { office.serve() }
    val answers = ArrayList<Boolean>()
    val customers = listOf("ada", "bob").map { name -> host(name) { answers += buy(seat = 7) } }
    customers.forEach { it.join() }
    check(answers.count { it } == 1) { "seat 7 was sold ${answers.count { it }} times" }
}

fun oneRun() {
    simulate(seed = 1) { twoCustomers(BoxOffice()) }
}

fun manyRuns(): Exploration = explore(seeds = 1_000) { twoCustomers(BoxOffice()) }

class CarefulOffice : BoxOffice() {
    private val lock = Lock()

    override suspend fun sell(seat: Int): Boolean = lock.use { super.sell(seat) }
}

fun manyRunsOfTheCarefulOne(): Exploration = explore(seeds = 1_000, schedule = Schedule.CHAOS) { twoCustomers(CarefulOffice()) }

suspend fun Simulation.aCableIsPulled(office: BoxOffice) {
    network.conditions.latency = Latency(5.milliseconds, 80.milliseconds)
    host("office") { office.serve() }
    val ada = host("ada") { check(timeout(1.minutes) { buy(seat = 7) }) }
    sleep(20.milliseconds)
    network.partition("ada", "office")
    log("somebody stumbles over the cable")
    sleep(10.seconds)
    network.heal()
    ada.join()
}

suspend fun Simulation.theOfficeLosesPower(office: BoxOffice) {
    val server = host("office") { office.serve() }
    val ada =
        host("ada") {
            while (true) {
                try {
                    timeout(5.seconds) { buy(seat = 7) }
                    break
                } catch (e: Exception) {
                    log("tries again after $e")
                    sleep(1.seconds)
                }
            }
        }
    sleep(2.milliseconds)
    server.crash()
    sleep(10.seconds)
    server.restart()
    ada.join()
}

suspend fun Simulation.aWorkerHangs() {
    val office = host("office") { Supervisor(workers = 2) { BoxOffice().serve() }.serveForever() }
    sleep(10.milliseconds)
    office.loop("worker-1").pause(10.seconds)
    for (seat in 7..8) check(timeout(5.seconds) { buy(seat) })
}

suspend fun Simulation.neverTwoTickets(office: BoxOffice) {
    always("one ticket for a seat") { office.tickets.size == office.tickets.toSet().size }
    twoCustomers(office)
}

object Seats : Model<Boolean, Int, Boolean> {
    override val initial = false

    override fun step(
        state: Boolean,
        operation: Int,
    ) = Step(state = true, result = !state)

    override fun key(operation: Int) = operation
}

suspend fun Simulation.manyCustomers(office: BoxOffice) {
    val history = History<Int, Boolean>({ now })
    host("office") { office.serve() }
    val customers =
        listOf("ada", "bob", "cy").map { name ->
            host(name) { for (seat in 1..3) history.record(name, seat) { buy(seat) } }
        }
    customers.forEach { it.join() }
    history.check(Seats).orThrow()
}

class TwoCustomers : SimulatedProgram {
    override suspend fun Simulation.run() = twoCustomers(CarefulOffice())
}

fun theSameInAnotherJvm() {
    replayCheck<TwoCustomers>(seed = 17)
}
