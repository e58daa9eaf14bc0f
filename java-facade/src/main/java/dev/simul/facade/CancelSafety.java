// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade;

import dev.simul.interop.JavaTesting;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import kotlin.Unit;
import kotlin.coroutines.Continuation;
import org.jspecify.annotations.Nullable;

import static dev.simul.interop.Bodies.bodyOf;

/**
 * Tests that a program leaves nothing behind, wherever it is cancelled.
 *
 * <p>asyncio has no equivalent.
 */
public final class CancelSafety {
    private CancelSafety() {}

    /**
     * Runs a body repeatedly, cancels each run in a different turn, and fails if a run leaves anything behind.
     *
     * <pre>{@code
     * @Test
     * void nothingIsLeft() {
     *     checkCancelSafe(() -> {
     *         var connection = openConnection("127.0.0.1", port).await();
     *         try {
     *             return connection.reader().readline().await();
     *         } finally {
     *             connection.writer().close();
     *         }
     *     });
     * }
     * }</pre>
     *
     * <p>First the body runs to its end. Then each run, on a loop of its own, cancels the body's task at the beginning of the
     * next turn of the loop: before the first step, while it waits, after it was woken and before it runs. The check ends when a
     * run ends before its turn of cancellation. A run must not leave any of these behind:
     *
     * <ul>
     *   <li>tasks that are not done, timers, open transports, servers and files, readers and writers of channels,
     *       asynchronous generators that have begun and are not closed, child processes;
     *   <li>descriptors of the process, and threads, other than those of pools;
     *   <li>failures that nobody retrieved, and errors that reached the loop's exception handler.
     * </ul>
     *
     * <p>The body must also end, cancelled or with a result. If it fails otherwise, or takes longer than the
     * {@link CancelOptions} allow, that is reported too. A body that never gives up its turn cannot be stopped.
     *
     * @param program the body to cancel; it creates what it needs, since each run has a new loop
     * @throws AssertionError which names, for each turn that failed, the line that awaited and what was left
     */
    public static void checkCancelSafe(Callable<?> program) {
        checkCancelSafe(new CancelOptions(), program);
    }

    /** As {@link #checkCancelSafe(Callable)}, for a body that returns nothing. */
    public static void checkCancelSafe(Action program) {
        checkCancelSafe(new ActionBody(program));
    }

    /** As {@link #checkCancelSafe(Callable)}, with options. */
    public static void checkCancelSafe(CancelOptions options, Callable<?> program) {
        checkCancelSafe(options, () -> null, nothing -> {}, nothing -> program.call());
    }

    /** As {@link #checkCancelSafe(CancelOptions, Callable)}, for a body that returns nothing. */
    public static void checkCancelSafe(CancelOptions options, Action program) {
        checkCancelSafe(options, new ActionBody(program));
    }

    /**
     * As {@link #checkCancelSafe(Callable)}, with a value that is created for each run.
     *
     * <pre>{@code
     * checkCancelSafe(
     *         new CancelOptions(),
     *         () -> new Account(100),
     *         account -> assertEquals(100, account.balance()),
     *         account -> account.transfer(10, account));
     * }</pre>
     *
     * <p>If {@code setUp} returns locks, conditions or semaphores, directly or in a collection, a map's values or an array, they
     * must be as free after the program as before.
     *
     * @param setUp creates what the program needs; it runs on the same loop, and is not cancelled
     * @param check asserts what must hold after each run, and closes what {@code setUp} opened; it runs on the same loop, and is
     *     not cancelled
     */
    public static <S extends @Nullable Object> void checkCancelSafe(
            CancelOptions options, Callable<S> setUp, Check<? super S> check, Body<? super S, ?> program) {
        turnsOf(options, setUp, check, program);
    }

    /** Returns how many turns the program takes if it is not cancelled. */
    static <S extends @Nullable Object> int turnsOf(
            CancelOptions options, Callable<S> setUp, Check<? super S> check, Body<? super S, ?> program) {
        return JavaTesting.<S>cancelInEachTurn(
                options.delegate(),
                continuation -> bodyOf(setUp).await(continuation),
                (state, continuation) -> run(
                        it -> {
                            check.check(it);
                            return null;
                        },
                        state,
                        continuation),
                (state, continuation) -> run(program, state, continuation),
                CancelSafety::locksOf);
    }

    private static <S extends @Nullable Object> @Nullable Object run(
            Body<? super S, ?> body, S state, Continuation<? super Unit> continuation) {
        Callable<Unit> callable = () -> {
            body.call(state);
            return Unit.INSTANCE;
        };
        return bodyOf(callable).await(continuation);
    }

    /** Asserts what must hold after each run. */
    @FunctionalInterface
    public interface Check<S extends @Nullable Object> {
        /** Throws if something is wrong, usually an {@link AssertionError}, and closes what the set-up opened. */
        void check(S state) throws Exception;
    }

    /** The runtime's view of locks that are held. */
    private static List<Object> locksOf(@Nullable Object owner) {
        var locks = new ArrayList<Object>();
        if (owner instanceof Lock lock) locks.add(lock.lock);
        if (owner instanceof Condition condition) locks.add(condition.condition);
        if (owner instanceof Semaphore semaphore) locks.add(semaphore.semaphore);
        if (owner instanceof Map<?, ?> map) map.values().forEach(value -> locks.addAll(locksOf(value)));
        if (owner instanceof Collection<?> all) all.forEach(value -> locks.addAll(locksOf(value)));
        if (owner instanceof Object[] all) {
            for (var value : all) locks.addAll(locksOf(value));
        }
        return locks;
    }
}
