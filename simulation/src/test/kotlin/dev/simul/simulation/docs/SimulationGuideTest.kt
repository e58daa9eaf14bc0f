// SPDX-License-Identifier: Apache-2.0
package dev.simul.simulation.docs

import dev.simul.simulation.explore
import dev.simul.simulation.simulate
import io.kotest.core.spec.style.FunSpec

class SimulationGuideTest :
    FunSpec({
        test("try") {
            fun show(block: () -> Any?) = println(runCatching(block).exceptionOrNull() ?: "fine: ${runCatching(block).getOrNull()}")
            show { oneRun() }
            show { manyRuns() }
            show { manyRunsOfTheCarefulOne() }
            show { explore(seeds = 200) { aCableIsPulled(BoxOffice()) } }
            show { explore(seeds = 200) { theOfficeLosesPower(CarefulOffice()) } }
            show { explore(seeds = 200) { neverTwoTickets(BoxOffice()) } }
            show { explore(seeds = 200) { manyCustomers(BoxOffice()) } }
            show { explore(seeds = 200) { manyCustomers(CarefulOffice()) } }
            show { theSameInAnotherJvm() }
        }
    })
