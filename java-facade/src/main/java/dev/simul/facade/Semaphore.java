// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade;

import org.jspecify.annotations.Nullable;

import static dev.simul.facade.Calls.awaitHere;
import static dev.simul.facade.Calls.call;

/**
 * Limits how many tasks at a time are in a section of code, by a number of permits.
 *
 * <pre>{@code
 * try (var held = semaphore.hold()) {
 *     download(url);
 * }
 * }</pre>
 *
 * <p>Tasks get a permit in the order in which they asked, and a release hands its permit directly to the first waiting task: no
 * later task can overtake it. Any task may release, even more permits than were acquired.
 *
 * <p>It belongs to the loop on which a task first had to wait for it.
 *
 * <p>Source: {@code asyncio.Semaphore}.
 */
public class Semaphore implements AsyncContextManager<@Nullable Void> {
    final dev.simul.sync.Semaphore semaphore;

    /** A semaphore with one permit. Source: {@code asyncio.Semaphore()}. */
    public Semaphore() {
        this(1);
    }

    /**
     * A semaphore with {@code value} permits. Source: {@code asyncio.Semaphore(value)}.
     *
     * @throws IllegalArgumentException if {@code value} is negative
     */
    public Semaphore(int value) {
        this(new dev.simul.sync.Semaphore(value));
    }

    /** As {@link #Semaphore(int)}, with a name, which reports of the tasks that wait for it show. asyncio has no equivalent. */
    public Semaphore(int value, String name) {
        this(new dev.simul.sync.Semaphore(value, name));
    }

    Semaphore(dev.simul.sync.Semaphore semaphore) {
        this.semaphore = semaphore;
    }

    /** Whether {@link #acquire} would wait: there is no free permit, or other tasks are waiting. Source: {@code locked()}. */
    public final boolean locked() {
        return semaphore.locked();
    }

    /**
     * Acquires a permit, waiting until there is one for this task; if it need not wait, it does not give up the turn.
     *
     * <p>A task that is cancelled while it waits acquires none; a permit that it was already handed goes to the next task.
     *
     * <p>Source: {@code Semaphore.acquire()}.
     *
     * @return always true; fails with {@link IllegalStateException} if it has to wait on another loop than the semaphore's
     */
    public final Future<Boolean> acquire() {
        return call(semaphore::acquire);
    }

    /** Releases a permit: to the first waiting task, if there is one. Source: {@code Semaphore.release()}. */
    public void release() {
        semaphore.release();
    }

    /**
     * Waits in the calling body until it has a permit, as {@link Lock#hold} does; closing what this returns gives it back.
     *
     * <p>Source: {@code async with semaphore}.
     *
     * @throws IllegalStateException if the caller is not a body
     */
    public final Held hold() {
        aenter();
        return new Held(this::release);
    }

    /** Acquires a permit, in the calling body. Source: {@code Semaphore.__aenter__}. */
    @Override
    public final @Nullable Void aenter() {
        awaitHere(semaphore::acquire);
        return null;
    }

    /** Releases a permit; suppresses nothing. Source: {@code Semaphore.__aexit__}. */
    @Override
    public final boolean aexit(@Nullable Throwable exception) {
        release();
        return false;
    }

    @Override
    public final String toString() {
        return semaphore.toString();
    }
}
