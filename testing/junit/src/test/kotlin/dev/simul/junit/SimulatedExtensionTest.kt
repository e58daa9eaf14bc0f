// SPDX-License-Identifier: Apache-2.0
package dev.simul.junit

import dev.simul.bodies.Carrier
import dev.simul.simulation.ExplorationFailure
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.collections.shouldContainExactlyInAnyOrder
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldStartWith
import io.kotest.matchers.types.shouldBeInstanceOf
import org.junit.jupiter.api.BeforeEach
import org.junit.jupiter.api.extension.ExtensionConfigurationException
import java.io.IOException
import kotlin.reflect.KClass

/** Java's method before each test, which Kotlin has written. */
internal open class SuspendBeforeBase {
    @BeforeEach
    suspend fun before() = Unit
}

class SimulatedExtensionTest :
    FunSpec({
        afterTest {
            System.clearProperty("simul.seed")
            System.clearProperty("simul.carrier")
        }

        fun lostUpdate(
            type: KClass<*>,
            name: String,
        ): ExplorationFailure {
            val outcome = runTestsOf(type)
            outcome.counts.second shouldBe 1
            return outcome.failureOf(name).shouldBeInstanceOf<ExplorationFailure>()
        }

        test("in Kotlin, a test fails by the smallest run that was found, and each run has an instance of its own") {
            val failure = lostUpdate(SimulatedCases.Race::class, "an update is lost")
            failure.cause!!.message shouldBe "an update is lost"
            failure.message!! shouldStartWith "Seed ${failure.seed} fails: java.lang.IllegalStateException: an update is lost\n"
            failure.message!! shouldContain "\nTranscript of the shrunk run:\n"
            JavaCases.EVENTS.groupingBy { it }.eachCount() shouldBe mapOf("right(TestInfo, Simulation)" to 200, "plain at 0s" to 3)
        }

        for (carrier in Carrier.available()) {
            test("in Java it does so with bodies on $carrier") {
                System.setProperty("simul.carrier", "$carrier")
                val failure = lostUpdate(SimulatedCasesInJava.Race::class, "anUpdateIsLost")
                failure.cause!!.message shouldBe "an update is lost"
            }
        }

        test("a run is replayed by what its failure says, and no other is made") {
            System.setProperty("simul.seed", lostUpdate(SimulatedCases.Race::class, "an update is lost").replay)
            val replayed = lostUpdate(SimulatedCases.Race::class, "an update is lost")
            replayed.seed shouldBe null
            replayed.cause!!.message shouldBe "an update is lost"
            JavaCases.EVENTS.groupingBy { it }.eachCount() shouldBe mapOf("right(TestInfo, Simulation)" to 1, "plain at 0s" to 1)
        }

        test("what runs before and after a test does so in each simulation, on the instance of the run") {
            val outcome = runTestsOf(SimulatedCases.Around::class)
            outcome.counts shouldBe (2 to 1)
            outcome.failureOf("fails").cause.shouldBeInstanceOf<IOException>()
            val counts = JavaCases.EVENTS.groupingBy { it }.eachCount()
            counts["before at 1s, test at 2s, after at 3s"] shouldBe 20
            counts["before at 1s, inside, nested at 1s, after at 2s"] shouldBe 20
            (counts.getValue("before at 1s, test at 1s, after at 3s") >= 1) shouldBe true
            counts.size shouldBe 3

            runTestsOf(SimulatedCasesInJava.Around::class).rethrow()
            JavaCases.EVENTS shouldContainExactly List(20) { "before at PT1S, test at PT2S, after" }
        }

        test("the annotation says which seeds are run, for how long, and whether to go on after a failure") {
            val outcome = runTestsOf(SimulatedCases.Options::class)
            outcome.counts shouldBe (2 to 1)
            JavaCases.EVENTS.toSet().size shouldBe 3
            val failure = outcome.failureOf("fails in two ways").shouldBeInstanceOf<ExplorationFailure>()
            val messages = listOf(failure, *failure.suppressed).mapNotNull { it.cause?.message }
            messages shouldContainExactlyInAnyOrder listOf("the one", "the other")
        }

        test("each run makes an instance, and JUnit one") {
            SimulatedCases.SharedInStatics.made.set(0)
            runTestsOf(SimulatedCases.SharedInStatics::class).rethrow()
            SimulatedCases.SharedInStatics.made.get() shouldBe 6
        }

        val onLoop = "is @Simulated and on a loop as well, while a simulation has loops of its own: leave @OnLoop and @AsyncTest out"

        for ((type, message) in mapOf(
            SimulatedCases.NoSimulation::class to
                "forgotten is @Simulated and takes no Simulation: make it `suspend fun Simulation.…`, of dev.simul.simulation.Simulation",
            SimulatedCasesInJava.NoSimulation::class to
                "forgotten is @Simulated and takes no Simulation: let it take a dev.simul.facade.simulation.Simulation",
            SimulatedCases.TwoSimulations::class to "both takes 2 Simulations: there is one, so leave the others out",
            SimulatedCases.Looped::class to "looped $onLoop",
            SimulatedCases.Asynchronous::class to "asynchronous $onLoop",
            SimulatedCases.Repeated::class to "repeated is @Simulated and another kind of test as well: leave that out",
            SimulatedCases.OtherLanguage::class to
                "other takes the Simulation of the other language: make it `suspend fun Simulation.…`, of dev.simul.simulation.Simulation",
            SimulatedCasesInJava.OtherLanguage::class to
                "other takes the Simulation of the other language: let it take a dev.simul.facade.simulation.Simulation",
            SimulatedCases.OtherLanguageBefore::class to "one is Kotlin's, the other Java's",
            SimulatedCasesInJava.SuspendBefore::class to "one is Kotlin's, the other Java's",
            SimulatedCases.ParameterBefore::class to "which is @Simulated: let it take the Simulation, or nothing",
            SimulatedCases.Constructed::class to
                "has @Simulated tests, and each run makes an instance of it: give it a constructor without parameters",
            SimulatedCases.OneInstance::class to "while the tests of its class share one: leave TestInstance.Lifecycle.PER_CLASS out",
            SimulatedCases.Returning::class to "returns returns a value, and JUnit never runs such a test: declare that it returns Unit",
        )) {
            test("one error says what is wrong with ${type.simpleName} of ${type.java.enclosingClass.simpleName}") {
                val failed = runTestsOf(type).failureOf("[method:").shouldBeInstanceOf<ExtensionConfigurationException>()
                failed.message!! shouldContain message
                failed.message!! shouldContain type.java.name.substringBefore('$')
            }
        }
    })
