// SPDX-License-Identifier: Apache-2.0
package dev.simul.simulation.knownbugs

import dev.simul.createTask
import dev.simul.loop.getRunningLoop
import dev.simul.simulation.Simulation
import dev.simul.simulation.connected
import dev.simul.simulation.line
import dev.simul.simulation.say
import dev.simul.simulation.server
import dev.simul.sleep
import io.kotest.matchers.shouldBe
import kotlin.time.Duration.Companion.milliseconds

/** A database gives one answer after the other: each takes one of the [permits], for 5 ms. The work for a client that hangs up is cancelled. */
internal suspend fun Simulation.impatientClients(permits: Permits) {
    server("database") { reader, writer ->
        reader.line() shouldBe "query"
        val work =
            createTask {
                permits.acquire()
                getRunningLoop().callLater(5.milliseconds) { permits.release() }
                writer.say("a row\n")
            }
        reader.read(1) // It hangs up.
        work.cancel()
    }
    val impatient =
        listOf("ada", "bob").map { name ->
            host(name) {
                val random = getRunningLoop().random
                sleep(random.nextInt(5).milliseconds)
                connected("database") { _, writer ->
                    writer.say("query\n")
                    sleep(random.nextInt(20).milliseconds)
                    log("hangs up")
                }
            }
        }
    impatient.forEach { it.join() }
    val cy =
        host("cy") {
            connected("database") { reader, writer ->
                writer.say("query\n")
                check(isInTime { reader.line() shouldBe "a row" }) { "a minute after all others have gone, there is no answer" }
            }
        }
    cy.join()
}
