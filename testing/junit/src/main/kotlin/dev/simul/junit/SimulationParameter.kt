// SPDX-License-Identifier: Apache-2.0
package dev.simul.junit

import dev.simul.simulation.Simulation
import java.lang.reflect.Method

/** The parameter of a method that is the simulation: which one it is, and of which of the two types. */
internal class SimulationParameter private constructor(
    val index: Int,
    val isOfFacade: Boolean,
) {
    companion object {
        val OWN: String = Simulation::class.java.name

        /** The facade may be absent, so its class is known by name. */
        const val FACADE: String = "dev.simul.facade.simulation.Simulation"

        fun isSimulation(type: Class<*>): Boolean = type.name == OWN || type.name == FACADE

        /** The first of the method's; null if it has none. */
        fun of(method: Method): SimulationParameter? {
            val index = method.parameterTypes.indexOfFirst(::isSimulation)
            return if (index < 0) null else SimulationParameter(index, method.parameterTypes[index].name == FACADE)
        }
    }
}
