// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade.simulation;

import dev.simul.facade.Action;
import dev.simul.facade.Future;
import dev.simul.simulation.interop.JavaSimulation;
import java.net.InetAddress;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.function.BooleanSupplier;
import kotlin.Unit;
import org.jspecify.annotations.Nullable;

/**
 * A program of several hosts on virtual time, all in one thread: what a {@link SimulatedProgram} gets, which itself runs on a host named
 * {@code main}.
 *
 * <p>Code of every host may use it, in its loop or by {@code toThread}. asyncio has no equivalent.
 */
public final class Simulation {
    private final dev.simul.simulation.Simulation delegate;
    private final Network network;

    Simulation(dev.simul.simulation.Simulation delegate) {
        this.delegate = delegate;
        network = new Network(delegate.getNetwork());
    }

    /** The virtual time since the simulation began. A host's own clock may differ, see {@link Host#clockSkew(Duration)}. */
    public Duration now() {
        return JavaSimulation.nowOf(delegate);
    }

    /** What lies between the hosts, with its conditions and faults. */
    public Network network() {
        return network;
    }

    /**
     * Adds a host, which begins to run {@code main} as {@link dev.simul.facade.Asyncio#run} would, at the next free address of 10.0.0.0/8.
     *
     * @param name other hosts find it by this name; case does not matter
     * @throws IllegalArgumentException if there is a host of that name
     */
    public Host host(String name, Action main) {
        return add(name, null, Programs.bodyOfHost(main));
    }

    /** As {@link #host(String, Action)}, for a body that returns something, which nobody gets. */
    public Host host(String name, Callable<?> main) {
        return add(name, null, main);
    }

    /**
     * As {@link #host(String, Action)}, at an address of your choice.
     *
     * @throws IllegalArgumentException if there is a host of that name or address
     */
    public Host host(String name, InetAddress address, Action main) {
        return add(name, address, Programs.bodyOfHost(main));
    }

    /** As {@link #host(String, InetAddress, Action)}, for a body that returns something, which nobody gets. */
    public Host host(String name, InetAddress address, Callable<?> main) {
        return add(name, address, main);
    }

    private Host add(String name, @Nullable InetAddress address, Callable<?> main) {
        return new Host(delegate.host(name, address, Programs.mainOf(main)));
    }

    /** Adds a line to the transcript that a failure shows, with the time and the host whose code calls this. */
    public void log(String text) {
        delegate.log(text);
    }

    /** As {@link #always(String, BooleanSupplier)}, under the name {@code always}. */
    public AutoCloseable always(BooleanSupplier holds) {
        return always("always", holds);
    }

    /**
     * From now on, {@code holds} is asked after each turn of any host, and the simulation fails as soon as it returns false or throws.
     * Close what this returns to end that; the end of the program does so, too.
     *
     * <p>It is asked outside of all loops, and often: it should look at objects of the program, and change nothing. What the simulation
     * then throws is a {@link dev.simul.simulation.InvariantViolation}, with the name, the time, and the host and the number of the
     * turn.
     *
     * @param name says in the failure what has not held
     */
    public AutoCloseable always(String name, BooleanSupplier holds) {
        return delegate.always(name, holds::getAsBoolean);
    }

    /** As {@link #eventually(Duration, String, BooleanSupplier)}, under the name {@code eventually}. */
    public Future<@Nullable Void> eventually(Duration within, BooleanSupplier holds) {
        return eventually(within, "eventually", holds);
    }

    /**
     * Waits until {@code holds} returns true; it is asked now, and after each turn of any host. What it throws counts as false.
     *
     * <p>It is asked outside of all loops, and should change nothing. Cancelling this ends the wait. It fails with a
     * {@link dev.simul.simulation.InvariantViolation} if the time passes.
     *
     * @param within how long it may take, by the clock of the host that calls this
     * @param name says in the failure what has not happened
     */
    public Future<@Nullable Void> eventually(Duration within, String name, BooleanSupplier holds) {
        var askedAt = new Throwable();
        return Programs.<Unit>call(
                continuation -> JavaSimulation.eventually(delegate, within, name, askedAt, holds::getAsBoolean, continuation));
    }

    @Override
    public String toString() {
        return "<Simulation at " + now() + ">";
    }
}
