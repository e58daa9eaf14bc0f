// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade;

import dev.simul.interop.JavaWorkers;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How a {@link Supervisor} treats its workers. Immutable: each method returns a changed copy. All durations go by the clock of the
 * supervisor's loop.
 *
 * <pre>{@code
 * serve(4, new WorkerOptions().grace(ofSeconds(10)), () -> serveClients());
 * }</pre>
 *
 * <p>asyncio has no equivalent.
 */
public final class WorkerOptions extends Options<WorkerOptions> {
    static final WorkerOptions NONE = new WorkerOptions();

    private @Nullable Backoff backoff;
    private @Nullable Duration stableAfter;
    private @Nullable Duration pingInterval;
    private @Nullable Duration unresponsiveAfter;
    private @Nullable Duration hangTimeout;
    private @Nullable Integer maxHung;
    private @Nullable Duration startTimeout;
    private @Nullable Duration grace;
    private @Nullable Duration forcedGrace;
    private @Nullable Boolean debug;

    /** The defaults. */
    public WorkerOptions() {}

    /** @throws IllegalArgumentException if the options contradict each other */
    dev.simul.workers.WorkerOptions delegate() {
        return JavaWorkers.workerOptions(
                backoff == null ? null : backoff.delegate,
                stableAfter,
                pingInterval,
                unresponsiveAfter,
                hangTimeout,
                maxHung,
                startTimeout,
                grace,
                forcedGrace,
                debug);
    }

    /**
     * Sets how long to pause before a worker that has failed is replaced; the default grows from 100 milliseconds to 30 seconds,
     * with jitter.
     */
    public WorkerOptions backoff(Backoff backoff) {
        return with(it -> it.backoff = backoff);
    }

    /** Sets how long a worker must have lived so that its failure counts as the first one again; the default is 30 seconds. */
    public WorkerOptions stableAfter(Duration lifetime) {
        return with(it -> it.stableAfter = lifetime);
    }

    /** Sets how often each worker's loop is asked to answer; the default is half a second. */
    public WorkerOptions pingInterval(Duration interval) {
        return with(it -> it.pingInterval = interval);
    }

    /**
     * Sets after how long without an answer a worker gets no more connections, until it answers; the default is two seconds.
     * Connections that it has not begun go to others.
     */
    public WorkerOptions unresponsiveAfter(Duration silence) {
        return with(it -> it.unresponsiveAfter = silence);
    }

    /**
     * Sets after how long without an answer a worker is replaced, although its thread cannot be ended; the default is 30 seconds.
     */
    public WorkerOptions hangTimeout(Duration timeout) {
        return with(it -> it.hangTimeout = timeout);
    }

    /**
     * Sets how many such threads there may be, with those that did not end in time: while there are, another worker that hangs is
     * not replaced, and {@link Supervisor#replace} refuses. The default is as many as workers.
     */
    public WorkerOptions maxHung(int count) {
        return with(it -> it.maxHung = count);
    }

    /** Sets how long the new worker of a rolling replacement may take until it serves; the default is 30 seconds. */
    public WorkerOptions startTimeout(Duration timeout) {
        return with(it -> it.startTimeout = timeout);
    }

    /**
     * Sets how long a worker that was told to end may take, when it is replaced or the supervisor is closed; the default is 30
     * seconds.
     */
    public WorkerOptions grace(Duration grace) {
        return with(it -> it.grace = grace);
    }

    /**
     * Sets how long it may take after that, once all its tasks were cancelled; the default is 5 seconds. It is then left to
     * itself.
     */
    public WorkerOptions forcedGrace(Duration grace) {
        return with(it -> it.forcedGrace = grace);
    }

    /** Sets whether the workers' loops are in debug mode; the default is that of every new loop. */
    public WorkerOptions debug(boolean debug) {
        return with(it -> it.debug = debug);
    }

    @Override
    public String toString() {
        return delegate().toString();
    }
}
