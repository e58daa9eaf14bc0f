// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade.simulation;

import dev.simul.facade.Future;
import dev.simul.simulation.interop.JavaSimulation;
import java.net.InetAddress;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A machine of a {@link Simulation}, with a name, an address, a clock, and a loop that runs its main.
 *
 * <p>It lives as a program by {@link dev.simul.facade.Asyncio#run} does: when its main ends, its other tasks are cancelled and its loop
 * is closed. The exception of a main that fails is thrown by {@link #join}; if nobody calls that, the simulation fails in the end.
 *
 * <p>Only code of the simulation may call its methods. asyncio has no equivalent.
 */
public final class Host {
    private final dev.simul.simulation.Host delegate;

    Host(dev.simul.simulation.Host delegate) {
        this.delegate = delegate;
    }

    /** The name by which other hosts find it. */
    public String name() {
        return delegate.getName();
    }

    /** The address by which other hosts reach it. */
    public InetAddress address() {
        return delegate.getAddress();
    }

    /** Whether its loop is open: not after its main has ended, nor after a crash. */
    public boolean isRunning() {
        return delegate.isRunning();
    }

    /** How far its clock is ahead of the simulation's time. */
    public Duration clockSkew() {
        return JavaSimulation.clockSkewOf(delegate);
    }

    /** Sets its clock ahead, or back. A clock that is set back stands still until it has reached its former time. */
    public void clockSkew(Duration skew) {
        JavaSimulation.setClockSkew(delegate, skew);
    }

    /**
     * The machine loses its power: nothing that its code still does is seen by other hosts, and no more of its tasks run. Its bodies have
     * stacks of their own, which end by a {@link dev.simul.exceptions.GeneratorExit}; what their {@code finally} blocks send or write to
     * the transcript is dropped, what they do to objects that tests share is not.
     *
     * <p>Other hosts learn of it as in life: they hear nothing, or a reset after {@link #restart}. A host that does not run stays as it
     * is. If it is called by code of this host, it does not return, but leaves that code through its {@code finally} blocks: to test
     * what they do, have another host call it.
     *
     * @throws IllegalStateException for the host that runs the simulation's program
     */
    public void crash() {
        delegate.crash();
    }

    /**
     * Runs the host's main anew, on a new loop, after a {@link #crash} if it still runs. Its address is the same; of its earlier
     * connections it knows nothing. Once the simulation's program has ended, it does not start again.
     *
     * @throws IllegalStateException for the host that runs the simulation's program
     */
    public void restart() {
        delegate.restart();
    }

    /**
     * The host does nothing for that long, while its clock goes on and its connections take what arrives: as in a long pause of the garbage
     * collector. It begins when the current turn of the host's loop is over. A second pause counts from its own beginning, if it ends
     * later.
     *
     * @throws IllegalArgumentException if the duration is negative
     */
    public void pause(Duration duration) {
        JavaSimulation.pause(delegate, duration);
    }

    /**
     * The loops that its code has started besides the one of its main, and that are open, in the order in which they were started: those of
     * the workers of {@link dev.simul.facade.Asyncio#serve}, for instance.
     */
    public List<HostLoop> loops() {
        return delegate.getLoops().stream().map(HostLoop::new).toList();
    }

    /**
     * The loop of that name which its code has started last; it may be closed.
     *
     * @param name the loop's own, such as {@code worker-1}
     * @throws java.util.NoSuchElementException if there was none since the host has started
     */
    public HostLoop loop(String name) {
        return new HostLoop(delegate.loop(name));
    }

    /**
     * Waits until the host's main has ended, and fails with its exception if it has failed. After a crash it goes on waiting, for the main
     * of a restarted host.
     *
     * <p>Cancelling the wait does nothing to the host.
     */
    public Future<@Nullable Void> join() {
        return Programs.call(delegate::join);
    }

    @Override
    public String toString() {
        return delegate.toString();
    }
}
