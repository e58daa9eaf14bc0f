// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.gallery.simulation

import dev.simul.demo.DemoProcess
import dev.simul.demo.gallery.Transcripts
import dev.simul.demo.gallery.printed
import dev.simul.demo.gallery.simulation.store.Bug
import dev.simul.house.Soak
import dev.simul.simulation.ExplorationFailure
import dev.simul.simulation.Schedule
import dev.simul.simulation.SimulatedProgram
import dev.simul.simulation.Simulation
import dev.simul.simulation.explore
import dev.simul.simulation.replayCheck
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.ints.shouldBeGreaterThan
import io.kotest.matchers.shouldBe
import java.util.concurrent.ConcurrentLinkedQueue
import kotlin.io.path.Path
import kotlin.io.path.writeText
import kotlin.time.Duration.Companion.hours
import kotlin.time.Duration.Companion.minutes

class ReplicatedStoreTest :
    FunSpec({
        test("with every seed it is linearizable").config(timeout = 1.hours) {
            val seeds = if (Soak.isFull) 10_000 else 200
            val exploration = explore(seeds, budget = 1.hours) { replicatedStore() }
            println(exploration)
            exploration.runs shouldBe seeds
            exploration.interleavings shouldBe seeds
        }

        test("in whatever order its tasks run") {
            explore(seeds = 50, budget = 1.hours, schedule = Schedule.CHAOS) { replicatedStore() }.runs shouldBe 50
        }

        test("servers crash and are cut off, and leaders change") {
            val stories = ConcurrentLinkedQueue<String>()
            explore(seeds = 50) { stories += replicatedStore().toString() }
            for (event in listOf("crashes", "restarts", "is cut off from all others", "is cut off from n1", "leads no longer", "leads in term 2")) {
                stories.count { event in it } shouldBeGreaterThan 2
            }
        }

        for (bug in Bug.entries) {
            test("${bug.option} is found, and the smallest run explains it").config(timeout = 10.minutes) {
                val failure = shouldThrow<ExplorationFailure> { explore(seeds = 10_000, budget = 5.minutes) { replicatedStore(bug) } }
                report(failure) shouldBeTranscript "replicated-store.${bug.option}"
            }
        }

        test("another JVM prints the same, byte for byte") {
            val here = printed { replicatedStore() }
            here.trimEnd() shouldBeTranscript "replicated-store"
            repeat(2) {
                DemoProcess("replicated-store", jvmArguments = listOf("-Dsimul.seed=7")).use {
                    it.rest().joinToString("") { line -> "$line\n" } shouldBe here
                    it.end() shouldBe 0
                }
            }
        }

        test("another JVM takes the same steps") {
            replayCheck<StoreProgram>(seed = 7)
        }
    })

/** Compares a text with that of the resources; with -Dgallery.update it becomes that. */
private infix fun String.shouldBeTranscript(name: String) {
    if (System.getProperty("gallery.update") != null) Path("src/test/resources/gallery/$name.txt").writeText(this + "\n")
    this + "\n" shouldBe Transcripts(name).kotlin
}

/** The store as a program that another JVM can run. */
class StoreProgram : SimulatedProgram {
    override suspend fun Simulation.run() {
        replicatedStore()
    }
}
