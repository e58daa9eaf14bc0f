// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade.simulation;

import dev.simul.simulation.Schedule;
import dev.simul.simulation.SimulateKt;
import dev.simul.simulation.interop.JavaSimulation;
import org.jspecify.annotations.Nullable;

/**
 * Runs whole distributed programs on virtual time, in one thread: for {@code import static}.
 *
 * <pre>{@code
 * explore(sim -> {
 *     sim.host("server", () -> startServer("0.0.0.0", 80, (reader, writer) -> serve(reader, writer)).await().serveForever().await());
 *     var client = sim.host("client", () -> ask("server"));
 *     client.join().await();
 * });
 * }</pre>
 *
 * <p>The guide to simulation explains it from a flaky test to its cause. asyncio has no equivalent.
 */
public final class Simulations {
    private Simulations() {}

    /**
     * Runs a program once, with a seed of its own, or with the one that the environment variable {@code SIMUL_SEED} or the system
     * property {@code simul.seed} gives; in the order of asyncio.
     *
     * <p>When the program ends, so do all hosts, one after the other, as a program by {@link dev.simul.facade.Asyncio#run} does. A
     * simulation also fails if an error reached a loop's exception handler, unless it is
     * {@linkplain dev.simul.testing.ReportedErrors#expect expected}, if a host's main failed and nobody joined it, or if a socket is
     * left open.
     *
     * <p>Time passes only when nothing is ready on any host. The work of {@code toThread} is done by the same thread, at once and at a
     * stroke: it takes no virtual time, and must not wait for the simulation. A child process, a socket of the system's or a pipe is
     * refused.
     *
     * <p>The program's exceptions are thrown unwrapped, checked or not. Any failure has a suppressed
     * {@link dev.simul.simulation.SimulationFailure}, which names the seed and has the transcript.
     *
     * @throws dev.simul.testing.Deadlock if nothing more can happen, and the program has not ended
     * @throws IllegalStateException in a running loop
     */
    public static void simulate(SimulatedProgram program) {
        run(null, Schedule.ASYNCIO, program);
    }

    /** As {@link #simulate(SimulatedProgram)}, with this seed: everything random in the run follows from it. */
    public static void simulate(long seed, SimulatedProgram program) {
        simulate(seed, Schedule.ASYNCIO, program);
    }

    /** As {@link #simulate(long, SimulatedProgram)}; {@code schedule} says whether asyncio's order of what is ready at once is kept. */
    public static void simulate(long seed, Schedule schedule, SimulatedProgram program) {
        run(seed, schedule, program);
    }

    private static void run(@Nullable Long seed, Schedule schedule, SimulatedProgram program) {
        SimulateKt.simulate(seed, schedule, Programs.blockOf(program));
    }

    /**
     * Runs a program with a thousand seeds, or as many as a minute allows, on all processors; see
     * {@link #explore(ExploreOptions, SimulatedProgram)}.
     */
    public static Exploration explore(SimulatedProgram program) {
        return explore(new ExploreOptions(), program);
    }

    /** As {@link #explore(ExploreOptions, SimulatedProgram)}, with that many seeds. */
    public static Exploration explore(int seeds, SimulatedProgram program) {
        return explore(new ExploreOptions().seeds(seeds), program);
    }

    /**
     * Runs a program with many seeds, on all processors. Each simulation has a thread of its own, and must share nothing with the others:
     * {@code program} is called many times at once, and makes what it needs.
     *
     * <p>After the first failure no further seed is begun. What it found is <em>shrunk</em>: run again and again with fewer and lower
     * choices, so that what remains is what the failure needs. The smallest run that fails in the same way (with an exception of the
     * same type, thrown at the same place) is then shown. With the environment variable {@code SIMUL_SEED}, or the system property
     * {@code simul.seed}, as that failure prints it, only this run is made.
     *
     * <p>If this thread is interrupted, so are the simulations, and this throws an {@link InterruptedException}, which it does not
     * declare.
     *
     * <p>asyncio has no equivalent; the idea of shrinking choices is Hypothesis'.
     *
     * @return how many seeds were run, and how many different interleavings that were
     * @throws dev.simul.simulation.ExplorationFailure if a run fails
     * @throws IllegalStateException in a running loop
     */
    public static Exploration explore(ExploreOptions options, SimulatedProgram program) {
        return new Exploration(JavaSimulation.explore(
                options.seeds, options.budget, options.schedule, options.firstSeed, options.collect, Programs.blockOf(program)));
    }

    /** As {@link #replayCheck(Class, long)}, with the seed 1. */
    public static void replayCheck(Class<? extends SimulatedProgram> program) {
        replayCheck(program, 1);
    }

    /** As {@link #replayCheck(Class, long, Schedule, int)}, with this seed alone, in the order of asyncio. */
    public static void replayCheck(Class<? extends SimulatedProgram> program, long seed) {
        replayCheck(program, seed, Schedule.ASYNCIO, 1);
    }

    /**
     * Runs a program twice, here and in a fresh JVM, and compares each step: every turn of a task and every callback, with its time and
     * its host, what is logged and what the network does. A program that depends on its simulation alone makes the same steps.
     *
     * <p>The other JVM is a child process with this one's {@code java.home}, class path, module path and options, but without properties
     * that were set later. It is killed if the calling thread is interrupted, and ends if this process does. The program may fail, if
     * it does so both times.
     *
     * <p>asyncio has no equivalent.
     *
     * @param program a class with a constructor without parameters
     * @param seed the first seed
     * @param seeds how many seeds to run; one fresh JVM runs them all
     * @throws AssertionError if the runs differ; the message names the first step that does, and what differs
     * @throws IllegalStateException in a running loop
     * @throws IllegalArgumentException if {@code seeds} is not positive, or the program has no such constructor that can be called
     */
    public static void replayCheck(Class<? extends SimulatedProgram> program, long seed, Schedule schedule, int seeds) {
        JavaSimulation.replayCheck(program, Programs.class, seed, schedule, seeds);
    }
}
