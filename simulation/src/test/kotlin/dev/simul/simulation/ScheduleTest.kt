// SPDX-License-Identifier: Apache-2.0
package dev.simul.simulation

import dev.simul.createTask
import dev.simul.gather
import dev.simul.loop.getRunningLoop
import dev.simul.sleep
import dev.simul.streams.openConnection
import dev.simul.streams.startServer
import dev.simul.toThread
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.ints.shouldBeGreaterThan
import io.kotest.matchers.nulls.shouldBeNull
import io.kotest.matchers.nulls.shouldNotBeNull
import io.kotest.matchers.shouldBe
import kotlin.time.Duration
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.seconds

class ScheduleTest :
    FunSpec({
        test("the same seed gives the same run twice, in each schedule") {
            for (schedule in Schedule.entries) {
                for (seed in 1L..20) hashOf(seed, schedule, ::chatter) shouldBe hashOf(seed, schedule, ::chatter)
            }
        }

        test("by asyncio's order there is only one run") {
            (1L..10).map { hashOf(it, Schedule.ASYNCIO, ::chatter) }.toSet().size shouldBe 1
        }

        test("other seeds give other runs where there is a choice") {
            for (schedule in listOf(Schedule.RANDOM, Schedule.CHAOS)) {
                (1L..20).map { hashOf(it, schedule, ::chatter) }.toSet().size shouldBeGreaterThan 15
            }
        }

        test("without choices, RANDOM and CHAOS are asyncio's order") {
            val orders =
                listOf(Schedule.RANDOM, Schedule.CHAOS).map { schedule ->
                    val seen = ArrayList<String>()
                    SimulationRun(Choices(LongArray(0)), schedule).run { threeTasks(seen) }.getOrThrow()
                    seen
                }
            val asyncio = ArrayList<String>()
            simulate(1) { threeTasks(asyncio) }
            orders shouldContainExactly listOf(asyncio, asyncio)
        }

        test("RANDOM permutes timers of one deadline, and keeps the order of what was scheduled") {
            val timers = HashSet<List<Int>>()
            val calls = HashSet<List<Int>>()
            for (seed in 1L..40) {
                simulate(seed, Schedule.RANDOM) {
                    val loop = getRunningLoop()
                    val fired = ArrayList<Int>()
                    val called = ArrayList<Int>()
                    val deadline = loop.time() + 1.seconds
                    for (i in 1..3) loop.callAt(deadline) { fired += i }
                    loop.callAt(deadline + 1.milliseconds) { fired += 4 }
                    for (i in 1..3) loop.callSoon { called += i }
                    sleep(2.seconds)
                    timers += fired
                    calls += called
                }
            }
            timers.size shouldBe 6
            timers.map { it.last() }.toSet() shouldBe setOf(4)
            calls shouldBe setOf(listOf(1, 2, 3))
        }

        test("RANDOM permutes channels that became ready together with a timer, and asyncio's order has them before it") {
            fun order(
                seed: Long,
                schedule: Schedule,
            ): List<String> {
                val order = ArrayList<String>()
                simulate(seed, schedule) {
                    network.conditions.latency = Latency(1.milliseconds)
                    server { _, writer -> writer.say("hello\n") }
                    sleep(1.seconds)
                    val loop = getRunningLoop()
                    connected { reader, _ ->
                        // Connected at 2 ms, which the server learns at 3 ms, and then sends.
                        loop.callLater(2.milliseconds) { loop.callSoon { order += "timer" } }
                        reader.line()
                        order += "line"
                    }
                }
                return order
            }
            (1L..20).map { order(it, Schedule.ASYNCIO) }.toSet() shouldBe setOf(listOf("line", "timer"))
            (1L..20).map { order(it, Schedule.RANDOM) }.toSet() shouldBe setOf(listOf("line", "timer"), listOf("timer", "line"))
        }

        test("RANDOM permutes the results of threads") {
            val orders = HashSet<List<Int>>()
            for (seed in 1L..40) {
                simulate(seed, Schedule.RANDOM) {
                    val order = ArrayList<Int>()
                    gather(*Array(3) { number -> createTask { toThread { order += number } } }).await()
                    orders += order
                }
            }
            orders.size shouldBe 6
        }

        test("CHAOS permutes what asyncio runs in order") {
            val calls = HashSet<List<Int>>()
            for (seed in 1L..60) {
                simulate(seed, Schedule.CHAOS) {
                    val called = ArrayList<Int>()
                    for (i in 1..3) getRunningLoop().callSoon { called += i }
                    sleep(1.seconds)
                    calls += called
                }
            }
            calls.size shouldBe 6
        }

        test("CHAOS lets one task lag behind another by any number of steps") {
            fun orders(schedule: Schedule) =
                (1L..100)
                    .map { seed ->
                        val order = ArrayList<String>()
                        simulate(seed, schedule) {
                            val one = createTask { order += "one" }
                            val other =
                                createTask {
                                    repeat(3) { sleep(Duration.ZERO) }
                                    order += "other"
                                }
                            one.await()
                            other.await()
                        }
                        order
                    }.toSet()
            orders(Schedule.RANDOM) shouldBe setOf(listOf("one", "other"))
            orders(Schedule.CHAOS) shouldBe setOf(listOf("one", "other"), listOf("other", "one"))
        }

        test("CHAOS finds an update that two tasks can lose, and asyncio's order does not") {
            firstFailing(1L..200, Schedule.ASYNCIO, ::lostUpdate).shouldBeNull()
            val seed = firstFailing(1L..200, Schedule.CHAOS, ::lostUpdate).shouldNotBeNull()
            // And again, from the seed alone.
            firstFailing(seed..seed, Schedule.CHAOS, ::lostUpdate) shouldBe seed
        }

        test("streams keep their bytes in order in each schedule") {
            for (schedule in Schedule.entries) for (seed in 1L..30) simulate(seed, schedule) { echo() }
        }
    })

private suspend fun threeTasks(seen: MutableList<String>) {
    val tasks =
        List(3) { number ->
            createTask {
                repeat(3) {
                    seen += "$number.$it"
                    sleep(if (it == 1) 1.seconds else Duration.ZERO)
                }
            }
        }
    tasks.forEach { it.await() }
}

/** Several hosts with tasks, timers and threads. */
private suspend fun chatter(simulation: Simulation) {
    val hosts =
        List(3) { number ->
            simulation.host("h$number") {
                gather(*Array(3) { createTask { repeat(3) { sleep(1.seconds) } } }).await()
                toThread { }
            }
        }
    hosts.forEach { it.join() }
}

/** A balance is read, and written a turn later; the second task begins late enough, as long as tasks run in the order of their creation. */
private suspend fun lostUpdate(simulation: Simulation) {
    var balance = 0
    var isBusy = false
    val first =
        createTask {
            val before = balance
            isBusy = true
            sleep(Duration.ZERO)
            balance = before + 1
            isBusy = false
        }
    val second =
        createTask {
            while (isBusy) sleep(Duration.ZERO)
            val before = balance
            sleep(Duration.ZERO)
            balance = before + 1
        }
    gather(first, second).await()
    simulation.log("balance $balance")
    if (balance != 2) throw AssertionError("an update was lost: the balance is $balance")
}

private suspend fun Simulation.echo() {
    host("server") {
        startServer("0.0.0.0", 7) { reader, writer ->
            while (true) {
                val bytes = reader.read(3)
                if (bytes.isEmpty()) break
                writer.write(bytes)
                writer.drain()
            }
            writer.close()
        }.serveForever()
    }
    sleep(1.milliseconds)
    val text = "all bytes come in the order in which they were sent"
    val clients =
        List(3) {
            createTask {
                val (reader, writer) = openConnection("server", 7)
                for (char in text) writer.write(char.toString().encodeToByteArray())
                writer.writeEof()
                reader.read().decodeToString() shouldBe text
                writer.aclose()
            }
        }
    clients.forEach { it.await() }
}
