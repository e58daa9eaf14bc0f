// SPDX-License-Identifier: Apache-2.0
package dev.simul.simulation.workers

import dev.simul.exceptions.CancelledException
import dev.simul.house.Soak
import dev.simul.repeating.Backoff
import dev.simul.simulation.HostLoop
import dev.simul.simulation.Schedule
import dev.simul.simulation.Simulation
import dev.simul.simulation.simulate
import dev.simul.sleep
import dev.simul.taskGroup
import dev.simul.testing.ReportedErrors
import dev.simul.testing.expect
import dev.simul.workers.Worker
import dev.simul.workers.WorkerOptions
import dev.simul.workers.WorkerState
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.booleans.shouldBeTrue
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.collections.shouldContainExactlyInAnyOrder
import io.kotest.matchers.comparables.shouldBeGreaterThan
import io.kotest.matchers.comparables.shouldBeGreaterThanOrEqualTo
import io.kotest.matchers.comparables.shouldBeLessThan
import io.kotest.matchers.comparables.shouldBeLessThanOrEqualTo
import io.kotest.matchers.shouldBe
import kotlin.time.Duration
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.minutes
import kotlin.time.Duration.Companion.seconds

/** What a supervisor of workers promises, whatever the order of events. */
class SupervisorTest :
    FunSpec({
        forSeeds("connections are dealt to all workers, and each request is answered once") {
            val office = office(3)
            val clients = List(3) { office.client("client-$it", it * 100 until it * 100 + 30) }
            clients.forEach { it.join() }
            office.unanswered.shouldBeEmpty()
            office.answered.values.toSet() shouldBe setOf(1)
            office.begun.values.map { it.size }.toSet() shouldBe setOf(1)
            office.begun.values.map { it.single().id }.toSet() shouldBe setOf(1, 2, 3)
        }

        forSeeds("a worker that dies is replaced with backoff, the others go on, and no request is begun twice") {
            val failures = 4
            repeat(failures) { errors().expect<IllegalStateException>() }
            val backoff = Backoff.exponential(1.seconds).jittered(fraction = 0.5)
            val office = office(3, WorkerOptions(backoff = backoff, stableAfter = 1.minutes))
            val clients = List(3) { office.client("client-$it", it * 1000 until it * 1000 + 100, pause = 500.milliseconds) }
            val died = ArrayList<Duration>()
            repeat(failures) { number ->
                eventually(20.seconds) { office.starts.count { it.second.id == 2 } == number + 1 }
                sleep(10.milliseconds)
                died += now
                office.fail(office.starts.last { it.second.id == 2 }.second, IllegalStateException("life $number"))
            }
            clients.forEach { it.join() }
            for ((number, at) in died.withIndex()) {
                val pause = office.starts.filter { it.second.id == 2 }[number + 1].first - at
                pause shouldBeGreaterThanOrEqualTo 0.5.seconds * (1 shl number)
                pause shouldBeLessThanOrEqualTo 1.seconds * (1 shl number) + 10.milliseconds
            }
            office.starts.map { it.second }.filter { it.id != 2 }.map { it.generation } shouldContainExactly listOf(1, 1)
            office.checkAnsweredUnlessOf { it.id == 2 && it.generation <= failures }
        }

        forSeeds("a worker that lived long enough begins with the first pause again") {
            repeat(3) { errors().expect<IllegalStateException>() }
            val options = WorkerOptions(backoff = Backoff.exponential(1.seconds), stableAfter = 10.seconds)
            val office = office(1, options)
            val pauses = ArrayList<Duration>()
            for ((number, life) in listOf(1.seconds, 1.seconds, 11.seconds).withIndex()) {
                eventually(1.minutes) { office.starts.size == number + 1 }
                sleep(life)
                val died = now
                office.fail(office.starts.last().second, IllegalStateException("life $number"))
                eventually(1.minutes) { office.starts.size == number + 2 }
                pauses += (office.starts.last().first - died)
            }
            pauses.map { it.inWholeSeconds } shouldContainExactly listOf(1L, 2L, 1L)
        }

        forSeeds("a worker that hangs gets no more connections, what it has not begun is answered by others, and it is replaced") {
            errors().expect<IllegalStateException>()
            val options = WorkerOptions(pingInterval = 100.milliseconds, unresponsiveAfter = 500.milliseconds, hangTimeout = 5.seconds)
            val office = office(3, options)
            val clients = List(3) { office.client("client-$it", it * 1000 until it * 1000 + 300, pause = 60.milliseconds) }
            sleep(1.seconds)
            val first = office.supervisor.workers.single { it.id == 1 }
            office.host.loop("worker-1").pause(30.seconds)
            val had = first.connections
            sleep(800.milliseconds)
            first.state shouldBe WorkerState.UNRESPONSIVE
            sleep(3.seconds)
            first.connections shouldBeLessThanOrEqualTo had
            eventually(3.seconds) { first.state == WorkerState.HUNG }
            eventually(1.seconds) { office.supervisor.workers.any { it.id == 1 && it.generation == 2 && it.state == WorkerState.RUNNING } }
            clients.forEach { it.join() }
            office.begun.values.flatten().any { it.id == 1 && it.generation == 2 }.shouldBeTrue()
            // Only those that it had begun had to wait for it.
            office.durations.count { it > 1.seconds } shouldBeLessThanOrEqualTo had
            takenBack += office.durations.count { it in 300.milliseconds..1.seconds }
            office.checkAnsweredUnlessOf { it === first }
            // Its loop comes back: it ends in order, and nothing of it is left.
            eventually(1.minutes) { first.state == WorkerState.ENDED }
            office.host.loops.size shouldBe 3
        }

        test("in some of these runs, connections were dealt to the worker that hangs, and taken back") { takenBack shouldBeGreaterThan 0 }

        forSeeds("a worker that is back before it is given up goes on") {
            val options = WorkerOptions(pingInterval = 100.milliseconds, unresponsiveAfter = 500.milliseconds, hangTimeout = 5.seconds)
            val office = office(2, options)
            sleep(100.milliseconds)
            val first = office.supervisor.workers.single { it.id == 1 }
            office.host.loop("worker-1").pause(2.seconds)
            eventually(1.seconds) { first.state == WorkerState.UNRESPONSIVE }
            eventually(3.seconds) { first.state == WorkerState.RUNNING }
            office.client("client", 1..20).join()
            office.checkAnsweredUnlessOf { false }
            office.begunBy(first) shouldBeGreaterThan 0
            office.supervisor.workers.map { it.generation } shouldContainExactly listOf(1, 1)
        }

        forSeeds("no more than maxHung workers are given up; another one is when one of them has ended") {
            repeat(3) { errors().expect<IllegalStateException>() }
            val options =
                WorkerOptions(
                    pingInterval = 100.milliseconds,
                    unresponsiveAfter = 500.milliseconds,
                    hangTimeout = 2.seconds,
                    maxHung = 1,
                )
            val office = office(2, options)
            sleep(100.milliseconds)
            val former = office.supervisor.workers
            office.host.loop("worker-1").pause(20.seconds)
            sleep(1.seconds)
            office.host.loop("worker-2").pause(1.minutes)
            sleep(15.seconds)
            former.map { it.state } shouldContainExactly listOf(WorkerState.HUNG, WorkerState.UNRESPONSIVE)
            office.host.loops.map(HostLoop::name) shouldContainExactlyInAnyOrder
                listOf("server/worker-1", "server/worker-1", "server/worker-2")
            office.client("client", 1..20).join()
            office.checkAnsweredUnlessOf { false }
            eventually(20.seconds) { former[0].state == WorkerState.ENDED }
            eventually(2.seconds) { former[1].state == WorkerState.HUNG }
            eventually(2.seconds) { office.supervisor.workers.count { it.state == WorkerState.RUNNING } == 2 }
        }

        forSeeds("a worker that is slow gets fewer connections") {
            val office = office(3) { worker, _ -> sleep(if (worker.id == 3) 1.seconds else 20.milliseconds) }
            val clients = List(6) { office.client("client-$it", it * 100 until it * 100 + 20, pause = 20.milliseconds) }
            clients.forEach { it.join() }
            office.checkAnsweredUnlessOf { false }
            val counts = (1..3).map { id -> office.begun.values.count { it.single().id == id } }
            counts[2] shouldBeGreaterThan 0
            counts[2] * 2 shouldBeLessThan counts[0]
            counts[2] * 2 shouldBeLessThan counts[1]
        }

        forSeeds("replaceAll answers every request exactly once") {
            val office = office(3)
            val clients = List(4) { office.client("client-$it", it * 1000 until it * 1000 + 100) }
            sleep(100.milliseconds)
            val former = office.supervisor.workers
            office.supervised { it.replaceAll() }
            former.map { it.state }.toSet() shouldBe setOf(WorkerState.ENDED)
            office.supervisor.workers.map { it.generation } shouldContainExactly listOf(2, 2, 2)
            clients.any { it.isRunning }.shouldBeTrue()
            clients.forEach { it.join() }
            office.checkAnsweredUnlessOf { false }
            office.begun.values.map { it.single().generation }.toSet() shouldBe setOf(1, 2)
        }

        forSeeds("shutdown lets the requests end that were begun, and takes no longer than its grace") {
            val office = office(2) { _, request -> sleep(if (request == 0) 10.seconds else 1.seconds) }
            val clients = List(6) { office.client("client-$it", it..it) }
            eventually(1.seconds) { office.begun.size == 6 }
            val begun = now
            office.supervised { it.shutdown(grace = 3.seconds) }
            (now - begun) shouldBeGreaterThanOrEqualTo 3.seconds
            (now - begun) shouldBeLessThan 3.1.seconds
            clients.forEach { it.join() }
            office.unanswered shouldContainExactly listOf(0)
            office.answered.keys shouldBe setOf(1, 2, 3, 4, 5)
            office.host.join()
            office.host.loops.shouldBeEmpty()
        }

        forSeeds("shutdown gives up on a worker whose tasks do not end, and does not wait for one that hangs") {
            repeat(2) { errors().expect<IllegalStateException>() }
            val options =
                WorkerOptions(
                    pingInterval = 100.milliseconds,
                    unresponsiveAfter = 500.milliseconds,
                    hangTimeout = 1.seconds,
                    forcedGrace = 2.seconds,
                )
            val office = office(2, options) { _, _ -> sleepWhateverComes(1.minutes) }
            sleep(100.milliseconds)
            office.host.loop("worker-1").pause(2.minutes)
            eventually(2.seconds) { office.supervisor.workers.any { it.id == 1 && it.generation == 2 && it.state == WorkerState.RUNNING } }
            val client = office.client("client", 1..1)
            eventually(1.seconds) { office.begun.size == 1 }
            val begun = now
            office.supervised { it.shutdown(grace = 3.seconds) }
            (now - begun) shouldBeGreaterThanOrEqualTo 5.seconds
            (now - begun) shouldBeLessThan 5.1.seconds
            office.host.crash()
            client.crash()
        }

        forSeeds("when the host's main is cancelled, its workers end in order; a crash takes them, and a restart brings new ones") {
            val office = office(2)
            office.client("client", 1..10).join()
            office.host.restart()
            sleep(100.milliseconds)
            office.host.loops.map { it.name } shouldContainExactly listOf("server/worker-1", "server/worker-2")
            taskGroup { group -> for (request in 11..20) group.createTask { office.ask(request) } }
            office.checkAnsweredUnlessOf { false }
        }
    })

/** How many requests waited until a hanging worker was noticed. */
private var takenBack = 0

private fun errors() = ReportedErrors.ofRunningTest()

/** Tests [block] with many seeds, by both schedules that choose. */
private fun FunSpec.forSeeds(
    name: String,
    block: suspend Simulation.() -> Unit,
) {
    for (schedule in listOf(Schedule.RANDOM, Schedule.CHAOS)) {
        test("$name ($schedule)") {
            for (seed in 1L..Soak.of(1_000)) simulate(seed, schedule, block)
        }
    }
}

private fun Office.begunBy(worker: Worker) = begun.values.flatten().count { it === worker }

/** Each request was begun at most once; those that had no answer were begun by one of [lost], or were on a connection of one. */
private fun Office.checkAnsweredUnlessOf(lost: (Worker) -> Boolean) {
    begun.values.filter { it.size > 1 }.shouldBeEmpty()
    answered.values.filter { it > 1 }.shouldBeEmpty()
    unanswered.filter { request -> begun[request]?.none(lost) == true }.shouldBeEmpty()
}

private suspend fun sleepWhateverComes(time: Duration) {
    while (true) {
        try {
            return sleep(time)
        } catch (_: CancelledException) {
            // Goes on, as it should not.
        }
    }
}
