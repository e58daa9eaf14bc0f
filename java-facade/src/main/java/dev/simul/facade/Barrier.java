// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade;

import org.jspecify.annotations.Nullable;

import static dev.simul.facade.Calls.awaitHere;
import static dev.simul.facade.Calls.call;
import static dev.simul.facade.Calls.callForNothing;

/**
 * Makes tasks wait for each other: {@link #waitForParties} returns when as many tasks have arrived as the barrier has parties.
 *
 * <p>It is reusable. Tasks that arrive while the last round is leaving wait until all of that round have left.
 *
 * <p>It belongs to the loop on which a task first waited for it. Do not call {@link Object#wait()}, which throws
 * {@link IllegalMonitorStateException}.
 *
 * <p>{@code asyncWith(barrier, index -> ...)} waits before its block.
 *
 * <p>Source: {@code asyncio.Barrier}.
 */
public final class Barrier implements AsyncContextManager<Integer> {
    private final dev.simul.sync.Barrier barrier;

    /**
     * A barrier for rounds of {@code parties} tasks. Source: {@code asyncio.Barrier(parties)}.
     *
     * @throws IllegalArgumentException if {@code parties} is less than 1
     */
    public Barrier(int parties) {
        barrier = new dev.simul.sync.Barrier(parties);
    }

    /** As {@link #Barrier(int)}, with a name, which reports of the tasks that wait for it show. asyncio has no equivalent. */
    public Barrier(int parties, String name) {
        barrier = new dev.simul.sync.Barrier(parties, name);
    }

    /** How many tasks a round needs. Source: {@code Barrier.parties}. */
    public int parties() {
        return barrier.getParties();
    }

    /** How many tasks wait for the round to be complete; 0 while a round leaves. Source: {@code Barrier.n_waiting}. */
    public int nWaiting() {
        return barrier.getNWaiting();
    }

    /** Whether {@link #abort} was called and {@link #reset} has not been called since. Source: {@code Barrier.broken}. */
    public boolean broken() {
        return barrier.getBroken();
    }

    /**
     * Waits until the round is complete. The last task to arrive does not wait.
     *
     * <p>Cancelling a task that waits takes it out of the round and does not break the barrier.
     *
     * <p>Source: {@code Barrier.wait()}.
     *
     * @return how many tasks of the round arrived before this one; fails with {@link dev.simul.sync.BrokenBarrierException} if
     *     the barrier is broken, or is aborted or reset meanwhile
     */
    public Future<Integer> waitForParties() {
        return call(barrier::wait);
    }

    /**
     * Resets the barrier to its initial state. Tasks that wait for their round get a
     * {@link dev.simul.sync.BrokenBarrierException}.
     *
     * <p>If the task is cancelled while it waits for its turn, nothing is reset.
     *
     * <p>Source: {@code Barrier.reset()}.
     */
    public Future<@Nullable Void> reset() {
        return callForNothing(barrier::reset);
    }

    /**
     * Breaks the barrier, until it is {@link #reset}: every task that waits for it, or begins to wait, gets a
     * {@link dev.simul.sync.BrokenBarrierException}.
     *
     * <p>If the task is cancelled while it waits for its turn, the barrier is not broken.
     *
     * <p>Source: {@code Barrier.abort()}.
     */
    public Future<@Nullable Void> abort() {
        return callForNothing(barrier::abort);
    }

    /** Waits for the round, in the calling body. Source: {@code Barrier.__aenter__}. */
    @Override
    public Integer aenter() {
        return awaitHere(barrier::wait);
    }

    /** Does nothing. Source: {@code Barrier.__aexit__}. */
    @Override
    public boolean aexit(@Nullable Throwable exception) {
        return false;
    }

    @Override
    public String toString() {
        return barrier.toString();
    }
}
