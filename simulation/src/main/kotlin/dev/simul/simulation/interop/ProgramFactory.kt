// SPDX-License-Identifier: Apache-2.0
package dev.simul.simulation.interop

import dev.simul.FacadeApi
import dev.simul.simulation.SimulatedProgram

/**
 * Makes programs that are written in another language's manner into those of this module. Another JVM makes the factory by the name of its
 * class, so it has a constructor without parameters.
 */
@FacadeApi
public interface ProgramFactory {
    /** What the programs are by this factory: a class that each of them extends, or an interface. */
    public val type: Class<*>

    /** [program], which is a [type], as one of this module. */
    public fun adapt(program: Any): SimulatedProgram
}
