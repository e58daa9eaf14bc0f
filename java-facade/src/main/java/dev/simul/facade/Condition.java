// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade;

import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

import static dev.simul.facade.Calls.awaitHere;
import static dev.simul.facade.Calls.call;

/**
 * Lets tasks that hold a lock wait until another task notifies them of a change to the state that the lock guards.
 *
 * <pre>{@code
 * try (var held = condition.hold()) {
 *     condition.waitFor(() -> stock > 0).await();
 *     stock--;
 * }
 * }</pre>
 *
 * <p>It belongs to the loop on which a task first waited for it.
 *
 * <p>Do not call {@code wait()}, {@code notify()} and {@code notifyAll()} of {@link Object}, which throw
 * {@link IllegalMonitorStateException}: call {@link #waitUntilNotified}, {@link #notifyWaiter} and {@link #notifyAllWaiters}.
 *
 * <p>Source: {@code asyncio.Condition}.
 */
public final class Condition implements AsyncContextManager<@Nullable Void> {
    final dev.simul.sync.Condition condition;

    /** A condition with a lock of its own. Source: {@code asyncio.Condition()}. */
    public Condition() {
        this(new Lock());
    }

    /** A condition that uses {@code lock}; several conditions may share one. Source: {@code asyncio.Condition(lock)}. */
    public Condition(Lock lock) {
        condition = new dev.simul.sync.Condition(lock.lock);
    }

    /** As {@link #Condition(Lock)}, with a name, which reports of the tasks that wait for it show. asyncio has no equivalent. */
    public Condition(Lock lock, String name) {
        condition = new dev.simul.sync.Condition(lock.lock, name);
    }

    /** Whether a task holds the lock. Source: {@code Condition.locked()}. */
    public boolean locked() {
        return condition.locked();
    }

    /** Acquires the lock, as {@link Lock#acquire} does. Source: {@code Condition.acquire()}. */
    public Future<Boolean> acquire() {
        return call(condition::acquire);
    }

    /**
     * Releases the lock, as {@link Lock#release} does. Source: {@code Condition.release()}.
     *
     * @throws IllegalStateException if it is not held
     */
    public void release() {
        condition.release();
    }

    /** Waits in the calling body until it has the lock, as {@link Lock#hold} does. Source: {@code async with condition}. */
    public Held hold() {
        aenter();
        return new Held(condition::release);
    }

    /**
     * Releases the lock, waits until this task is notified, and acquires the lock again.
     *
     * <p>Wake-ups may be spurious, so check what you wait for when this returns; {@link #waitFor} does.
     *
     * <p>A cancelled task holds the lock when this throws: it acquires the lock first, even if it is cancelled again while it
     * waits for it. If it was already notified, it passes the notification on.
     *
     * <p>Source: {@code Condition.wait()}.
     *
     * @return always true; fails with {@link IllegalStateException} if the lock is not held, or on another loop than the
     *     condition's
     */
    public Future<Boolean> waitUntilNotified() {
        return call(condition::wait);
    }

    /**
     * Waits until {@code predicate} is true, testing it now and whenever this task is woken, with the lock held.
     *
     * <p>The predicate runs in the loop's thread, and must not await. Cancellation works as in {@link #waitUntilNotified}.
     *
     * <p>Source: {@code Condition.wait_for(predicate)}.
     *
     * @return always true; fails with {@link IllegalStateException} if the lock is not held and the predicate is false
     */
    public Future<Boolean> waitFor(BooleanSupplier predicate) {
        return call(continuation -> condition.waitFor(predicate::getAsBoolean, continuation));
    }

    /**
     * Wakes the first waiting task; it continues when it gets the lock, which this does not release.
     *
     * <p>Source: {@code Condition.notify()}.
     *
     * @throws IllegalStateException if the lock is not held
     */
    public void notifyWaiter() {
        condition.notify(1);
    }

    /** As {@link #notifyWaiter}, for the first {@code n} waiting tasks. Source: {@code Condition.notify(n)}. */
    public void notifyWaiters(int n) {
        condition.notify(n);
    }

    /** As {@link #notifyWaiter}, for all waiting tasks. Source: {@code Condition.notify_all()}. */
    public void notifyAllWaiters() {
        condition.notifyAllWaiters();
    }

    /** Acquires the lock, in the calling body. Source: {@code Condition.__aenter__}. */
    @Override
    public @Nullable Void aenter() {
        awaitHere(condition::acquire);
        return null;
    }

    /** Releases the lock; suppresses nothing. Source: {@code Condition.__aexit__}. */
    @Override
    public boolean aexit(@Nullable Throwable exception) {
        condition.release();
        return false;
    }

    @Override
    public String toString() {
        return condition.toString();
    }
}
