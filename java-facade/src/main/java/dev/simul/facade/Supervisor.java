// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade;

import dev.simul.interop.JavaWorkers;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import kotlin.Unit;
import org.jspecify.annotations.Nullable;

import static dev.simul.facade.Calls.call;
import static dev.simul.facade.Calls.callForNothing;
import static dev.simul.interop.Bodies.callInBody;
import static dev.simul.interop.Calls.withoutResult;

/**
 * Runs a body in each of several workers, loops in threads of their own, and keeps them running; for programs that have a loop
 * already, which becomes the supervisor's. Others call {@link Asyncio#serve}.
 *
 * <p>It owns the sockets that the workers' servers listen on, and accepts their connections: it deals each one to the worker that
 * has the fewest, of those that have such a server and answer. While there is none, it accepts no connections: the system queues
 * them.
 *
 * <ul>
 *   <li>A worker whose body throws is reported to the loop's exception handler, and replaced after a pause, see
 *       {@link WorkerOptions#backoff}. Its connections are closed; those that it has not begun go to others.
 *   <li>A worker whose body returns has ended, and is not replaced.
 *   <li>A worker whose loop does not answer gets no connections until it does; after {@link WorkerOptions#hangTimeout} it is
 *       replaced, and its stack reported. Its thread cannot be ended: if the loop ever goes on, the body is cancelled,
 *       and everything else after {@link WorkerOptions#grace}.
 * </ul>
 *
 * <p>Only the loop's thread uses it, except for {@link #workers}. When the loop is closed, so is the supervisor, without waiting
 * for the workers.
 *
 * <p>asyncio has no equivalent.
 */
public final class Supervisor implements AsyncCloseable {
    private final dev.simul.workers.Supervisor delegate;

    /**
     * A supervisor that was not started.
     *
     * @param workers how many
     * @param main runs in each worker, as a body
     */
    public Supervisor(int workers, Callable<?> main) {
        this(workers, WorkerOptions.NONE, main);
    }

    /** As {@link #Supervisor(int, Callable)}, for a body that returns nothing. */
    public Supervisor(int workers, Action main) {
        this(workers, new ActionBody(main));
    }

    /** As {@link #Supervisor(int, Callable)}, with options. */
    public Supervisor(int workers, WorkerOptions options, Callable<?> main) {
        delegate = JavaWorkers.supervisorOfBodies(workers, options.delegate(), main);
    }

    /** As {@link #Supervisor(int, WorkerOptions, Callable)}, for a body that returns nothing. */
    public Supervisor(int workers, WorkerOptions options, Action main) {
        this(workers, options, new ActionBody(main));
    }

    /** The loop that it was started in; null before. */
    public @Nullable EventLoop loop() {
        var loop = delegate.getLoop();
        return loop == null ? null : EventLoop.of(loop);
    }

    /**
     * The workers that have not ended, by their ids and generations, and those that have ended and have not been replaced. Any
     * thread may call it.
     */
    public List<Worker> workers() {
        return delegate.getWorkers().stream().map(Worker::of).toList();
    }

    /**
     * Starts the workers, in the running loop, without waiting for them. One that cannot be started is reported to the loop's
     * exception handler, and tried again, like one that fails.
     *
     * @throws IllegalStateException if it was started or closed before, or outside a loop
     */
    public void start() {
        delegate.start();
    }

    /**
     * Waits until each worker serves: has a server that accepts connections. A worker whose body has returned is not waited for.
     *
     * @return fails with {@link IllegalStateException} if it was not started, or is closed before they serve
     */
    public Future<@Nullable Void> waitServing() {
        return callForNothing(delegate::waitServing);
    }

    /**
     * Replaces a worker: starts a new one, waits until it serves what the old one serves, then cancels the old one's body and
     * waits until its loop has ended. Connections of the old one continue until then, for {@link WorkerOptions#grace}; those that
     * it has not begun go to others.
     *
     * <p>If the new worker fails, or does not serve within {@link WorkerOptions#startTimeout}, the old one stays. Cancelling this
     * does the same until the old one was told to end; after that, it only ends the wait.
     *
     * @return the new worker; fails with {@link IllegalArgumentException} if the old one does not work for this supervisor, and
     *     with {@link IllegalStateException} if the new worker has failed or did not serve in time, if the supervisor is closed,
     *     if another task already replaces that worker, and while as many workers were left to themselves as
     *     {@link WorkerOptions#maxHung} allows, or one if that is 0
     */
    public Future<Worker> replace(Worker worker) {
        return call(continuation -> delegate.replace(worker.delegate, continuation), Worker::of);
    }

    /**
     * Replaces all workers, one after the other, as {@link #replace} does; not those whose body has returned. If one cannot be
     * replaced, those after it stay.
     *
     * @return fails as that of {@link #replace} does
     */
    public Future<@Nullable Void> replaceAll() {
        return callForNothing(delegate::replaceAll);
    }

    /**
     * Calls a callback in the loop of each worker that has not ended, for example to hand a signal on. It does not wait for that.
     *
     * <p>An exception of the callback goes to the exception handler of the worker's loop.
     */
    public void callInWorkers(Consumer<? super Worker> callback) {
        delegate.callInWorkers(worker -> {
            callback.accept(Worker.of(worker));
            return Unit.INSTANCE;
        });
    }

    /**
     * Ends all workers in order: closes the listening sockets, cancels each worker's body, and waits until the loops have ended.
     * After {@code grace}, all tasks of those that have not ended are cancelled, and after {@link WorkerOptions#forcedGrace} they
     * are left to themselves, with a report of their stacks. A worker that was told to end already gets no longer than that.
     * Workers that hang already are not waited for.
     *
     * <p>Cancelling it ends the grace, and waits for the rest. If the supervisor is being closed already, this waits for that.
     */
    public Future<@Nullable Void> shutdown(Duration grace) {
        return new Future<>(callInBody(withoutResult(JavaWorkers.shuttingDown(delegate, grace))));
    }

    /**
     * Waits until all workers have ended: each body has returned, or the supervisor was closed. Cancelling it only ends the wait.
     *
     * @return fails with {@link dev.simul.exceptions.SystemExit} if a worker's body has thrown it, and with
     *     {@link IllegalStateException} if the supervisor was not started
     */
    public Future<@Nullable Void> waitClosed() {
        return callForNothing(delegate::waitClosed);
    }

    /**
     * Starts the workers, unless they were, and waits until all have ended. Cancelling it ends them, as {@link #shutdown} does.
     *
     * @return fails as that of {@link #waitClosed} does
     */
    public Future<@Nullable Void> serveForever() {
        return callForNothing(delegate::serveForever);
    }

    /** As {@link #shutdown}, with the grace of its options. */
    @Override
    public Future<@Nullable Void> aclose() {
        return callForNothing(delegate::aclose);
    }

    @Override
    public String toString() {
        return delegate.toString();
    }
}
