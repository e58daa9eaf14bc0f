// SPDX-License-Identifier: Apache-2.0
package dev.simul.simulation

import dev.simul.createTask
import dev.simul.house.Soak
import dev.simul.loop.getRunningLoop
import dev.simul.runLoop
import dev.simul.sleep
import dev.simul.streams.openConnection
import dev.simul.streams.startServer
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldMatch
import io.kotest.matchers.string.shouldStartWith
import java.util.Collections
import java.util.IdentityHashMap
import kotlin.random.Random
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.nanoseconds
import kotlin.time.Duration.Companion.seconds

/** Each of these starts a JVM. */
class ReplayCheckTest :
    FunSpec({
        test("a program that depends on its simulation alone makes the same steps in a fresh JVM") {
            replayCheck<Exchange>(seeds = Soak.of(1_000))
            replayCheck<Exchange>(seed = 8, Schedule.CHAOS, seeds = Soak.of(1_000))
        }

        test("one that starts its tasks in the order of a set of identities is caught, and the task is named") {
            val failure = shouldThrow<AssertionError> { replayCheck<OrderOfIdentities>(seed = 3) }
            failure.message!! shouldStartWith "Seed 3 ran otherwise in a fresh JVM: step "
            failure.message!! shouldContain " differs, in what it did:\n"
            failure.message!! shouldMatch Regex("(?s).*\n  here:      0s  main  client \\d+\\b.*\n  fresh JVM: 0s  main  client \\d+\\b.*")
        }

        test("one that reads the machine's clock is caught, and the times are named") {
            val failure = shouldThrow<AssertionError> { replayCheck<WallClock>() }
            failure.message!! shouldContain " differs, in its time:\n"
            failure.message!! shouldContain Regex("\n  here: {6}1\\.\\d+s  main  SleepTimer\n  fresh JVM: 1\\.\\d+s  main  SleepTimer\n")
            // The line of the sleep that takes so long.
            failure.message!! shouldContain Regex("\n  1s  main  Task-1 waits at ReplayCheckTest.kt:\\d+\nA time")
            failure.message!! shouldContain "A time that differs comes from a clock or a random number outside of the simulation"
        }

        test("of several seeds the one that runs otherwise is named, with the steps of its own run") {
            val failure = shouldThrow<AssertionError> { replayCheck<WallClockAtTimes>(seeds = 50) }
            val first = (1L..50L).first { readsClock(Choices(it).random) }
            failure.message!! shouldStartWith "Seed $first ran otherwise in a fresh JVM: step 7 differs, in its time:\n"
        }

        test("a program that fails the same way both times is no difference") {
            replayCheck<Failing>(seed = 2)
        }

        test("in a running loop it is refused before the program is made") {
            shouldThrow<IllegalStateException> { runLoop { replayCheck<Unmakeable>() } }.message shouldBe
                "replayCheck cannot be called from a running event loop: call it in a plain test or program"
        }

        test("a program that cannot be made by name is refused") {
            shouldThrow<IllegalArgumentException> { replayCheck<Unmakeable>() }.message shouldBe
                "${Unmakeable::class.java.name} cannot be made by name: it needs a constructor without parameters that can be called"
        }
    })

private class Exchange : SimulatedProgram {
    override suspend fun Simulation.run() {
        host("server") {
            startServer("0.0.0.0", 80) { reader, writer ->
                writer.write(reader.readline())
                writer.aclose()
            }.serveForever()
        }
        val loop = getRunningLoop()
        sleep(1.seconds)
        val clients =
            List(10) {
                loop.createTask {
                    sleep(loop.random.nextInt(3).milliseconds)
                    val (reader, writer) = openConnection("server", 80)
                    writer.write("hello\n".encodeToByteArray())
                    reader.readline()
                    writer.aclose()
                    log("client $it is served")
                }
            }
        clients.forEach { it.await() }
    }
}

private class Client(
    val number: Int,
)

private class OrderOfIdentities : SimulatedProgram {
    override suspend fun Simulation.run() {
        val clients = Collections.newSetFromMap(IdentityHashMap<Client, Boolean>())
        repeat(30) { clients += Client(it) }
        val loop = getRunningLoop()
        clients.map { loop.createTask("client ${it.number}") { sleep(1.seconds) } }.forEach { it.await() }
    }
}

private class WallClock : SimulatedProgram {
    override suspend fun Simulation.run() {
        sleep(1.seconds)
        sleep(System.nanoTime().mod(1_000_000_007).nanoseconds)
        sleep(1.seconds)
    }
}

private fun readsClock(random: Random) = random.nextInt(10) == 0

private class WallClockAtTimes : SimulatedProgram {
    override suspend fun Simulation.run() {
        val readsClock = readsClock(getRunningLoop().random)
        sleep(1.seconds)
        if (readsClock) sleep(System.nanoTime().mod(1_000_000_007).nanoseconds)
    }
}

private class Failing : SimulatedProgram {
    override suspend fun Simulation.run() {
        sleep(1.seconds)
        error("failed at $now")
    }
}

private class Unmakeable(
    val number: Int,
) : SimulatedProgram {
    override suspend fun Simulation.run() = sleep(number.seconds)
}
