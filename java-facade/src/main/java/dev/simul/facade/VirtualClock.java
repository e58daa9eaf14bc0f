// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade;

import dev.simul.interop.JavaTesting;
import dev.simul.testing.ReportedErrors;
import dev.simul.testing.RunTestKt;
import dev.simul.testing.network.MemoryNetwork;
import java.nio.channels.spi.SelectorProvider;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicReference;
import kotlin.Unit;
import org.jspecify.annotations.Nullable;

import static dev.simul.interop.Bodies.bodyOf;

/**
 * A clock for tests that stands still while anything runs, and jumps to the next timer when nothing is ready.
 *
 * <pre>{@code
 * @Test
 * void anHourPassesAtOnce() {
 *     var clock = new VirtualClock();
 *     clock.run(() -> sleep(Duration.ofHours(1)).await());
 *     assertEquals(Duration.ofHours(1), clock.now());
 * }
 * }</pre>
 *
 * <p>Work of other threads takes no virtual time: the clock stands still while an executor or an awaited stage has work in
 * progress, unless that takes longer than the clock's autojump threshold.
 *
 * <p>asyncio has no equivalent; the idea is trio's autojump clock.
 */
public final class VirtualClock {
    private final dev.simul.testing.VirtualClock clock;

    /** A clock with an autojump threshold of one second. */
    public VirtualClock() {
        clock = new dev.simul.testing.VirtualClock();
    }

    /**
     * A clock with the given autojump threshold.
     *
     * @param autojumpThreshold how long, in real time, a loop with nothing to do waits for work of other threads before time
     *     jumps to the next timer
     */
    public VirtualClock(Duration autojumpThreshold) {
        this(autojumpThreshold, SelectorProvider.provider());
    }

    /**
     * A clock with the given autojump threshold, whose loop opens its channels through {@code selectorProvider}.
     *
     * @param autojumpThreshold how long, in real time, a loop with nothing to do waits for work of other threads before time
     *     jumps to the next timer
     */
    public VirtualClock(Duration autojumpThreshold, SelectorProvider selectorProvider) {
        clock = JavaTesting.virtualClock(autojumpThreshold, selectorProvider);
    }

    /**
     * A clock whose loop has its sockets on a network in memory: it waits for no socket, and time jumps at once.
     *
     * @param network the network, which no other loop uses
     */
    public VirtualClock(MemoryNetwork network) {
        this(Duration.ofSeconds(1), network);
    }

    private VirtualClock(dev.simul.testing.VirtualClock clock) {
        this.clock = clock;
    }

    /**
     * The clock that a loop goes by, for tests that a framework runs.
     *
     * @throws IllegalStateException if the loop does not run on virtual time
     */
    public static VirtualClock of(EventLoop loop) {
        var clock = JavaTesting.virtualClockOf(loop.delegate);
        if (clock == null) throw new IllegalStateException(loop + " does not go by a VirtualClock");
        return new VirtualClock(clock);
    }

    /** As {@link #run(Callable)}, on a new clock; for tests. */
    public static <T extends @Nullable Object> T runTest(Callable<T> body) {
        return new VirtualClock().run(body);
    }

    /** As {@link #runTest(Callable)}, for a body that returns nothing. */
    public static void runTest(Action body) {
        runTest(new ActionBody(body));
    }

    /**
     * As {@link #runTest(Callable)}, with sockets on a network in memory: servers and connections take no real time, and a test
     * in which nothing more can happen fails at once although sockets are waited for.
     *
     * <pre>{@code
     * @Test
     * void anHourPassesAtOnce() {
     *     VirtualClock.runTest(new MemoryNetwork(), () -> {
     *         startServer("127.0.0.1", 80, (reader, writer) -> {
     *             sleep(Duration.ofHours(1)).await();
     *             writer.close();
     *         }).await();
     *         var connection = openConnection("127.0.0.1", 80).await();
     *         assertEquals(0, connection.reader().read().await().length);
     *     });
     * }
     * }</pre>
     */
    public static <T extends @Nullable Object> T runTest(MemoryNetwork network, Callable<T> body) {
        return new VirtualClock(network).run(body);
    }

    /** As {@link #runTest(MemoryNetwork, Callable)}, for a body that returns nothing. */
    public static void runTest(MemoryNetwork network, Action body) {
        runTest(network, new ActionBody(body));
    }

    /**
     * Runs a body as {@link Asyncio#run} would, on this clock: it never waits for a timer, and all times are exact.
     *
     * <p>It also fails on errors that no caller can receive: the exception of a task or future that was never retrieved, even if
     * the task is still referenced, and any other error that reaches the loop's exception handler before the loop has closed. If
     * a test expects that, retrieve the exception (await the task, or ask for its {@code exception()}),
     * {@linkplain ReportedErrors#expect expect} it by {@link ReportedErrors#ofRunningTest()}, or
     * {@linkplain EventLoop#setExceptionHandler set an exception handler} in the test, which then gets the errors instead.
     *
     * @return the body's result; the body's exceptions are thrown unwrapped
     * @throws AssertionError if errors were reported to the loop's exception handler; if the body fails too, that is thrown, with
     *     this suppressed in it
     * @throws dev.simul.testing.Deadlock if nothing more can happen while the body waits; its message names each stuck task and
     *     what it waits for, and all tasks are cancelled
     * @throws IllegalStateException if this clock was used before
     */
    public <T extends @Nullable Object> T run(Callable<T> body) {
        return runIn(null, body);
    }

    /** As {@link #run(Callable)}, for a body that returns nothing. */
    public void run(Action body) {
        run(new ActionBody(body));
    }

    /** As {@link #run(Callable)}, on a loop with debug mode on or off. */
    public <T extends @Nullable Object> T run(boolean debug, Callable<T> body) {
        return runIn(debug, body);
    }

    /** As {@link #run(boolean, Callable)}, for a body that returns nothing. */
    public void run(boolean debug, Action body) {
        run(debug, new ActionBody(body));
    }

    private <T extends @Nullable Object> T runIn(@Nullable Boolean debug, Callable<T> body) {
        var result = new AtomicReference<T>();
        Callable<Unit> test = () -> {
            result.set(body.call());
            return Unit.INSTANCE;
        };
        RunTestKt.runTest(debug, clock, continuation -> bodyOf(test).await(continuation));
        return result.get();
    }

    /**
     * A new loop on this clock, for {@link Asyncio#run(Boolean, java.util.function.Supplier, Callable)}, a {@link Runner} or
     * {@link EventLoop#runUntilComplete}.
     *
     * @throws IllegalStateException if this clock was used before
     */
    public EventLoop newLoop() {
        return EventLoop.of(clock.newLoop());
    }

    /**
     * Advances the clock, as code that blocks the loop's thread for that long would; timers that are due run afterwards.
     *
     * <p>Call it in the loop's thread, or while the loop does not run.
     *
     * @throws IllegalArgumentException if the duration is negative
     */
    public void advance(Duration duration) {
        JavaTesting.advance(clock, duration);
    }

    /** The virtual time since the clock was created. May be called from any thread. */
    public Duration now() {
        return Duration.ofNanos(clock.nanoTime());
    }
}
