// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade;

import dev.simul.interop.Calls;
import dev.simul.loop.RunningLoopKt;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A loop in a thread of its own, for programs that are not asynchronous themselves; made by {@link Asyncio#open}.
 *
 * <pre>{@code
 * try (var loop = Asyncio.open()) {
 *     Future<String> page = loop.submit(() -> fetch("first"));
 *     System.out.println(page.get());
 * }
 * }</pre>
 *
 * <p>All methods may be called from any thread. The thread is a daemon: when the program's own threads have ended, the JVM exits,
 * even if the loop still has work. Close the loop to end its tasks in order.
 */
public final class BackgroundLoop implements AutoCloseable {
    private static final AtomicInteger NUMBERS = new AtomicInteger();

    private final EventLoop loop;
    private final Thread thread;
    private boolean refusing;

    BackgroundLoop(@Nullable Boolean debug, @Nullable Supplier<EventLoop> loopFactory) {
        loop = loopFactory == null ? Asyncio.newEventLoop() : loopFactory.get();
        thread = new Thread(() -> serve(debug), "simul-loop-" + NUMBERS.incrementAndGet());
        thread.setDaemon(true);
        thread.start();
    }

    private void serve(@Nullable Boolean debug) {
        var runner = new Runner(debug, () -> loop);
        runner.getLoop();
        var failure = after(null, loop::runForever);
        refuse();
        // One more turn takes in what was submitted before: so the runner finds it, and cancels it.
        loop.stop();
        failure = after(failure, loop::runForever);
        failure = after(failure, runner::close);
        if (failure != null) {
            throw Sneaky.rethrow(failure);
        }
    }

    /** Runs {@code action}, and returns the first failure, to which later ones are added. */
    private static @Nullable Throwable after(@Nullable Throwable before, Runnable action) {
        try {
            action.run();
            return before;
        } catch (Throwable e) {
            if (before == null) {
                return e;
            }
            // The virtual machine throws one and the same error again when it has no memory for another.
            if (e != before) {
                before.addSuppressed(e);
            }
            return before;
        }
    }

    /** Accepts no more submissions. Returns whether this call is the first. */
    private synchronized boolean refuse() {
        boolean isFirst = !refusing;
        refusing = true;
        return isFirst;
    }

    /**
     * Runs a body as a task of the loop. Bodies that one thread submits begin in that order.
     *
     * <p>Cancelling the future cancels the task; it is done when the task has ended. If an error ends the loop before that, the
     * future fails with that error. Its {@code await} throws the body's exception unwrapped; {@code get} wraps it, as every
     * {@code Future} does.
     *
     * <p>Source: {@code asyncio.run_coroutine_threadsafe(coro, loop)}.
     *
     * @throws IllegalStateException once the loop is being closed
     */
    public <T extends @Nullable Object> Future<T> submit(Callable<T> body) {
        return submit(TaskOptions.NONE, body);
    }

    /** As {@link #submit(Callable)}, for a body that returns nothing. */
    public Future<@Nullable Void> submit(Action body) {
        return submit(new ActionBody(body));
    }

    /** As {@link #submit(Callable)}, with options. */
    public synchronized <T extends @Nullable Object> Future<T> submit(TaskOptions options, Callable<T> body) {
        if (refusing) {
            throw new IllegalStateException("this loop in the background is closed: open another one");
        }
        return new Future<>(Calls.submit(loop.delegate, options.delegate(), body));
    }

    /** As {@link #submit(TaskOptions, Callable)}, for a body that returns nothing. */
    public Future<@Nullable Void> submit(TaskOptions options, Action body) {
        return submit(options, new ActionBody(body));
    }

    /** The loop itself, for example for {@link EventLoop#callSoonThreadsafe}; do not close it. */
    public EventLoop getLoop() {
        return loop;
    }

    /**
     * Cancels all tasks and waits for them, closes the live asynchronous generators, shuts the default executor down, closes the
     * loop, and waits until all that is done. Closing again only waits.
     *
     * <p>An interrupt of the calling thread does not end the wait; the interrupt status is kept.
     *
     * @throws IllegalStateException in a body or callback of this loop, since it would wait for itself
     */
    @Override
    public void close() {
        if (RunningLoopKt.getRunningLoopOrNull() == loop.delegate) {
            throw new IllegalStateException(
                    "a loop in the background cannot be closed from inside, it would wait for its caller: close it elsewhere");
        }
        stop();
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private synchronized void stop() {
        if (refuse()) {
            loop.callSoonThreadsafe(loop::stop);
        }
    }

    @Override
    public String toString() {
        return "<BackgroundLoop " + thread.getName() + " " + loop + ">";
    }
}
