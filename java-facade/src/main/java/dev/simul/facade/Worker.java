// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade;

import dev.simul.observe.LoopMetrics;
import dev.simul.workers.WorkerState;
import org.jspecify.annotations.Nullable;

/**
 * One life of one of a {@link Supervisor}'s workers: a loop, in a thread of its own, that runs the supervisor's main. Its
 * replacement is another object, with the same {@link #id} and the next {@link #generation}.
 *
 * <p>Two are equal if they are the same worker. Any thread may read it.
 *
 * <p>asyncio has no equivalent.
 */
public final class Worker {
    final dev.simul.workers.Worker delegate;

    private Worker(dev.simul.workers.Worker delegate) {
        this.delegate = delegate;
    }

    static @Nullable Worker orNull(dev.simul.workers.@Nullable Worker delegate) {
        return delegate == null ? null : new Worker(delegate);
    }

    static Worker of(dev.simul.workers.Worker delegate) {
        return new Worker(delegate);
    }

    /** From 1 to the number of workers. */
    public int id() {
        return delegate.getId();
    }

    /** 1 for the first worker with that id, and one more for each replacement. */
    public int generation() {
        return delegate.getGeneration();
    }

    /** The name of its thread: {@code simul-worker-1} for the first, whatever the generation. */
    public String name() {
        return delegate.getName();
    }

    /** Its loop; other threads may use what {@link EventLoop} allows them, such as {@link EventLoop#callSoonThreadsafe}. */
    public EventLoop loop() {
        return EventLoop.of(delegate.getLoop());
    }

    /** What it does. */
    public WorkerState state() {
        return delegate.getState();
    }

    /**
     * Whether another worker has its place, so that it was told to end while its supervisor goes on: its clients find the other one when
     * they connect again.
     */
    public boolean isReplaced() {
        return delegate.isReplaced();
    }

    /** How many connections it has: those of its loop, on either side, and those dealt to it that it has not begun. */
    public int connections() {
        return delegate.getConnections();
    }

    /** What its loop has to do, as numbers. */
    public LoopMetrics metrics() {
        return delegate.getMetrics();
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Worker worker && delegate == worker.delegate;
    }

    @Override
    public int hashCode() {
        return delegate.hashCode();
    }

    @Override
    public String toString() {
        return delegate.toString();
    }
}
