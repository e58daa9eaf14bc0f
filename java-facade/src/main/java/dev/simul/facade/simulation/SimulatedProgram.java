// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade.simulation;

/**
 * A program for {@link Simulations}: it adds hosts, makes faults, awaits what it likes, and throws what is wrong. It is a body, which
 * runs on a host named {@code main}.
 *
 * <p>For {@link Simulations#replayCheck} it is a class with a constructor without parameters, since another JVM makes it by its name.
 *
 * <p>asyncio has no equivalent.
 */
@FunctionalInterface
public interface SimulatedProgram {
    /** Runs the program. The simulation ends when this does; what it throws is the simulation's failure. */
    void run(Simulation simulation) throws Exception;
}
