// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade;

import static dev.simul.facade.Calls.call;

/**
 * A flag that tasks can wait for; initially not set.
 *
 * <p>It belongs to the loop on which a task first had to wait for it. Do not call {@link Object#wait()}, which throws
 * {@link IllegalMonitorStateException}: call {@link #waitUntilSet}.
 *
 * <p>Source: {@code asyncio.Event}.
 */
public final class Event {
    private final dev.simul.sync.Event event;

    /** An event that is not set. Source: {@code asyncio.Event()}. */
    public Event() {
        event = new dev.simul.sync.Event();
    }

    /** An event with a name, which reports of the tasks that wait for it show. asyncio has no equivalent. */
    public Event(String name) {
        event = new dev.simul.sync.Event(name);
    }

    /** Whether the flag is set. Source: {@code Event.is_set()}. */
    public boolean isSet() {
        return event.isSet();
    }

    /**
     * Sets the flag, and wakes all tasks that wait for it, in the order in which they began to wait. Source: {@code Event.set()}.
     */
    public void set() {
        event.set();
    }

    /** Unsets the flag. Tasks that were already woken still continue. Source: {@code Event.clear()}. */
    public void clear() {
        event.clear();
    }

    /**
     * Waits until the flag is set; if it need not wait, it does not give up the turn.
     *
     * <p>Cancellation ends only the wait.
     *
     * <p>Source: {@code Event.wait()}.
     *
     * @return always true; fails with {@link IllegalStateException} if it has to wait on another loop than the event's
     */
    public Future<Boolean> waitUntilSet() {
        return call(event::wait);
    }

    @Override
    public String toString() {
        return event.toString();
    }
}
