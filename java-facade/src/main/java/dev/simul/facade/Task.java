// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade;

import dev.simul.interop.JavaPeers;
import org.jspecify.annotations.Nullable;

/**
 * A body that takes turns with all others on the loop; made by {@link Asyncio#createTask}.
 *
 * <p>The loop keeps a pending task alive: nobody else needs to. There is one object for each task.
 *
 * <p>CPython name: {@code asyncio.Task}.
 */
public final class Task<T extends @Nullable Object> extends Future<T> {
    private final dev.simul.Task<T> source;

    private Task(dev.simul.Task<T> source) {
        super(source);
        this.source = source;
    }

    @SuppressWarnings("unchecked") // The peer has the type of its source.
    static <T extends @Nullable Object> Task<T> of(dev.simul.Task<T> source) {
        return (Task<T>) JavaPeers.<Task<?>>peerOf(source, Task::new);
    }

    /** What the task is called: {@code Task-1}, {@code Task-2}, … unless it was named. CPython name: {@code get_name}. */
    public String getName() {
        return source.getName();
    }

    /** Renames the task. CPython name: {@code set_name}. */
    public void setName(String name) {
        source.setName(name);
    }

    /** How many requests to cancel it were not taken back by {@link #uncancel}. CPython name: {@code cancelling}. */
    public int cancelling() {
        return source.cancelling();
    }

    /**
     * Takes one request to cancel it back; with the last one, a cancellation that was not delivered yet is withdrawn.
     *
     * <p>CPython name: {@code Task.uncancel()}.
     *
     * @return how many requests are left
     */
    public int uncancel() {
        return source.uncancel();
    }

    /** The context variables of its body. CPython name: {@code Task.get_context()}. */
    public Context getContext() {
        return new Context(source.getContext());
    }
}
