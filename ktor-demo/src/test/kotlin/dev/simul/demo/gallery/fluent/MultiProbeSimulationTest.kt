// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.gallery.fluent

import dev.simul.demo.forever
import dev.simul.simulation.simulate
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactlyInAnyOrder

class MultiProbeSimulationTest :
    FunSpec({
        test("a program that looks names up finds the hosts of its simulation") {
            simulate(1) {
                host("in.dev") { forever() }
                host("or.dev") { forever() }
                val found = ArrayList<Result>()
                println("DEBUG " + listOf("and.dev", "in.dev", "or.dev").map { probe(it) })
                host("laptop") { multiProbe(listOf("and.dev", "in.dev", "or.dev")).collect { found += it } }.join()
                found shouldContainExactlyInAnyOrder listOf(Result("and.dev", false), Result("in.dev", true), Result("or.dev", true))
            }
        }
    })
