// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade;

import dev.simul.interop.JavaTesting;
import java.util.ArrayList;
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
     * Runs a body again and again, cancels it each time in another turn, and fails if it leaves anything behind.
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
     * next turn of the loop: before the first step, while it waits, when it was woken and has not run yet; until a run ends
     * before its turn has come. After each run nothing may be left that was not there before:
     *
     * <ul>
     *   <li>tasks that are not done, timers, open transports and servers, readers and writers of channels, asynchronous
     *       generators that were begun and not closed, child processes;
     *   <li>descriptors of the process, and threads, other than those of pools;
     *   <li>failures that nobody retrieved, and errors that reached the loop's exception handler.
     * </ul>
     *
     * <p>And the body must end, cancelled or with a result. If it fails otherwise, or takes longer than the {@link CancelOptions}
     * allow, that is reported too. A body that keeps the turn forever cannot be stopped.
     *
     * @param program what is cancelled; it makes what it needs, since each run has another loop
     * @throws AssertionError that names for each bad turn the line which awaited, and what was left
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
     * As {@link #checkCancelSafe(Callable)}, with something that is made anew for each run.
     *
     * <pre>{@code
     * checkCancelSafe(
     *         new CancelOptions(),
     *         () -> new Account(100),
     *         account -> assertEquals(100, account.balance()),
     *         account -> account.transfer(10, account));
     * }</pre>
     *
     * <p>If {@code setUp} returns locks, conditions or semaphores, on their own or in a collection, a map's values or an array, then they
     * must be as free after the program as before.
     *
     * @param setUp makes what the program needs; it runs on the same loop, and is not cancelled
     * @param check sees what must hold after each run, and closes what {@code setUp} opened; it runs on the same loop, and is not
     *     cancelled
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
                CancelSafety::locksOf,
                CancelSafety.class);
    }

    private static <S extends @Nullable Object> @Nullable Object run(
            Body<? super S, ?> body, S state, Continuation<? super Unit> continuation) {
        Callable<Unit> callable = () -> {
            body.call(state);
            return Unit.INSTANCE;
        };
        return bodyOf(callable).await(continuation);
    }

    /** What must hold after each run. */
    @FunctionalInterface
    public interface Check<S extends @Nullable Object> {
        /** Throws what is wrong, an {@link AssertionError} mostly, and closes what the set-up opened. */
        void check(S state) throws Exception;
    }

    /** What the runtime knows of the locks that somebody has. */
    private static List<Object> locksOf(@Nullable Object owner) {
        var locks = new ArrayList<Object>();
        if (owner instanceof Lock lock) locks.add(lock.lock);
        if (owner instanceof Condition condition) locks.add(condition.condition);
        if (owner instanceof Semaphore semaphore) locks.add(semaphore.semaphore);
        if (owner instanceof Map<?, ?> map) map.values().forEach(value -> locks.addAll(locksOf(value)));
        if (owner instanceof Iterable<?> all) all.forEach(value -> locks.addAll(locksOf(value)));
        if (owner instanceof Object[] all) {
            for (var value : all) locks.addAll(locksOf(value));
        }
        return locks;
    }
}
