// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade;

import org.jspecify.annotations.Nullable;

import static dev.simul.facade.Calls.awaitHere;
import static dev.simul.facade.Calls.call;

/**
 * Lets one task at a time into a section of code.
 *
 * <pre>{@code
 * try (var held = lock.hold()) {
 *     account.withdraw(10);
 * }
 * }</pre>
 *
 * <p>No task owns it: any task may release it, and a task that holds it and acquires it again waits for itself. Tasks get it in
 * the order in which they asked. A release wakes the first waiting task without handing the lock over: until that task runs, the
 * lock is not {@link #locked}, yet tasks that arrive meanwhile queue up behind it.
 *
 * <p>It belongs to the loop on which a task first had to wait for it.
 *
 * <p>{@link #hold} itself awaits, and returns no future. A caller could only await such a future; if it forgot to, it would hold
 * the lock for good, and so would a future whose task is cancelled too late.
 *
 * <p>Source: {@code asyncio.Lock}.
 */
public final class Lock implements AsyncContextManager<@Nullable Void> {
    final dev.simul.sync.Lock lock;

    /** An unlocked lock. Source: {@code asyncio.Lock()}. */
    public Lock() {
        lock = new dev.simul.sync.Lock();
    }

    /** An unlocked lock with a name, which reports of the tasks that wait for it show. asyncio has no equivalent. */
    public Lock(String name) {
        lock = new dev.simul.sync.Lock(name);
    }

    /** Whether a task holds it. Source: {@code Lock.locked()}. */
    public boolean locked() {
        return lock.locked();
    }

    /**
     * Acquires the lock, waiting until it is free and it is this task's turn; if it need not wait, it does not give up the turn.
     *
     * <p>A task that is cancelled while it waits does not get the lock; if it was already woken, the next task is woken instead.
     *
     * <p>Source: {@code Lock.acquire()}.
     *
     * @return always true; fails with {@link IllegalStateException} if it has to wait on another loop than the lock's
     */
    public Future<Boolean> acquire() {
        return call(lock::acquire);
    }

    /**
     * Releases the lock, and wakes the task that asked first.
     *
     * <p>Source: {@code Lock.release()}.
     *
     * @throws IllegalStateException if it is not held
     */
    public void release() {
        lock.release();
    }

    /**
     * Waits in the calling body until it has the lock, as {@link #acquire} does; closing what this returns releases it.
     *
     * <p>Source: {@code async with lock}.
     *
     * @throws IllegalStateException if the caller is not a body
     */
    public Held hold() {
        aenter();
        return new Held(lock::release);
    }

    /** Acquires the lock, in the calling body. Source: {@code Lock.__aenter__}. */
    @Override
    public @Nullable Void aenter() {
        awaitHere(lock::acquire);
        return null;
    }

    /** Releases the lock; suppresses nothing. Source: {@code Lock.__aexit__}. */
    @Override
    public boolean aexit(@Nullable Throwable exception) {
        lock.release();
        return false;
    }

    @Override
    public String toString() {
        return lock.toString();
    }
}
