// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.gallery.simulation

import com.github.ajalt.clikt.testing.test
import dev.simul.demo.Demo
import dev.simul.demo.DemoProcess
import dev.simul.demo.gallery.Transcripts
import dev.simul.demo.gallery.printed
import dev.simul.demo.gallery.programs
import dev.simul.demo.gallery.simulation.store.Bug
import dev.simul.house.Soak
import dev.simul.simulation.Schedule
import dev.simul.simulation.SimulatedProgram
import dev.simul.simulation.Simulation
import dev.simul.simulation.explore
import dev.simul.simulation.replayCheck
import io.kotest.core.spec.style.FunSpec
import io.kotest.core.test.Enabled
import io.kotest.matchers.ints.shouldBeGreaterThan
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldStartWith
import java.util.concurrent.ConcurrentLinkedQueue
import kotlin.io.path.Path
import kotlin.io.path.readText
import kotlin.io.path.writeText
import kotlin.time.Duration.Companion.hours
import kotlin.time.Duration.Companion.minutes

class ReplicatedStoreTest :
    FunSpec({
        test("with every seed it is linearizable").config(timeout = 1.hours) {
            val seeds = if (Soak.isFull) MANY else 200
            exploreStore(seeds, null).text shouldStartWith "Runs: $seeds, different interleavings: $seeds,"
        }

        test("so it is in Java").config(timeout = 1.hours) {
            val seeds = if (Soak.isFull) MANY else 200
            ExploreStore.explore(seeds, null).text shouldStartWith "Runs: $seeds, different interleavings: $seeds,"
        }

        test("in whatever order its tasks run") {
            explore(seeds = 50, budget = 1.hours, schedule = Schedule.CHAOS) { replicatedStore() }.runs shouldBe 50
        }

        test("servers crash and are cut off, and leaders change") {
            val stories = ConcurrentLinkedQueue<String>()
            explore(seeds = 50) { stories += replicatedStore().toString() }
            for (event in listOf(
                "crashes",
                "restarts",
                "is cut off from all others",
                "is cut off from n1",
                "leads no longer",
                "leads in term 2",
            )) {
                stories.count { event in it } shouldBeGreaterThan 2
            }
        }

        for (bug in Bug.entries) {
            test("${bug.option} is found, and the smallest run explains it").config(timeout = 10.minutes) {
                exploreStore(MANY, bug).shouldBeExplained(bug, inJava = false)
            }

            test("${bug.option} is found in Java, too").config(timeout = 10.minutes, enabledOrReasonIf = { takesItsTime }) {
                ExploreStore.explore(MANY, bug).shouldBeExplained(bug, inJava = true)
            }
        }

        test("the guide shows the run that a forgotten vote needs") {
            val story = Transcripts("replicated-store.forgotten-vote").kotlin.substringAfter("\n\n").substringBefore("\n\nTo see")
            Path("../docs/guide/simulation.md").readText() shouldContain "```text\n$story\n```"
        }

        for (inJava in listOf(false, true)) {
            test("other JVMs print the same, byte for byte, ${if (inJava) "in Java" else "in Kotlin"}") {
                val program = programs.single { it.name == "replicated-store" }
                val here = printed { program.perform(inJava, fast = false) }
                here.shouldBeTranscript("replicated-store", inJava)
                val arguments = listOfNotNull("replicated-store", "--java".takeIf { inJava }).toTypedArray()
                repeat(2) {
                    DemoProcess(*arguments, jvmArguments = listOf("-Dsimul.seed=7")).use {
                        it.rest().joinToString("") { line -> "$line\n" } shouldBe here
                        it.end() shouldBe 0
                    }
                }
            }
        }

        test("the same servers and clients run on real sockets") {
            printed { realStore() } shouldContain "The history is linearizable."
        }

        test("the command tells what it has found") {
            Demo().test("replicated-store --seeds 20").stdout shouldStartWith "Runs: 20, different interleavings: 20,"
            Demo().test("replicated-store --seeds 20 --java").stdout shouldStartWith "Runs: 20, different interleavings: 20,"
            Demo().test("replicated-store --bug double-retry").stdout shouldContain "no order of the calls of the key"
            val notFound = Demo().test("replicated-store --bug forgotten-vote --seeds 1")
            notFound.statusCode shouldBe 1
            notFound.stderr shouldContain "1 seeds did not show the bug: try --seeds 10"
        }

        test("another JVM takes the same steps") {
            replayCheck<StoreProgram>(seed = 7)
        }
    })

/** Compares a text with that of the resources; with -Dgallery.update it becomes that. */
private fun String.shouldBeTranscript(
    name: String,
    inJava: Boolean,
) {
    val file = if (inJava) "$name.java.txt" else "$name.txt"
    if (isUpdated) Path("src/test/resources/gallery/$file").writeText(this)
    this shouldBe Transcripts(name).let { if (inJava) it.java else it.kotlin }
}

private fun StoreExploration.shouldBeExplained(
    bug: Bug,
    inJava: Boolean,
) {
    hasFailed shouldBe true
    "$text\n".shouldBeTranscript("replicated-store.${bug.option}", inJava)
}

/** Runs in Java take several times as long. */
private val takesItsTime =
    if (Soak.isFull || isUpdated) Enabled.enabled else Enabled.disabled("it takes minutes: .ci/soak has it")

private val isUpdated get() = System.getProperty("gallery.update") != null

private const val MANY = 10_000

/** The store as a program that another JVM can run. */
class StoreProgram : SimulatedProgram {
    override suspend fun Simulation.run() {
        replicatedStore()
    }
}
