// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade;

import dev.simul.interop.JavaPeers;
import org.jspecify.annotations.Nullable;

/**
 * A body that takes turns with all others on the loop; made by {@link Asyncio#createTask}.
 *
 * <p>The loop holds a strong reference to a pending task, so you need none. There is one object for each task.
 *
 * <p>Source: {@code asyncio.Task}.
 */
public final class Task<T extends @Nullable Object> extends Future<T> {
    private final dev.simul.Task<T> delegate;

    private Task(dev.simul.Task<T> delegate) {
        super(delegate);
        this.delegate = delegate;
    }

    @SuppressWarnings("unchecked") // The peer has the type of its delegate.
    static <T extends @Nullable Object> Task<T> of(dev.simul.Task<T> delegate) {
        return (Task<T>) JavaPeers.<Task<?>>peerOf(delegate, Task::new);
    }

    /** The task's name: {@code Task-1}, {@code Task-2}, … unless it was named. Source: {@code get_name}. */
    public String getName() {
        return delegate.getName();
    }

    /** Renames the task. Source: {@code set_name}. */
    public void setName(String name) {
        delegate.setName(name);
    }

    /** How many requests to cancel the task have not been withdrawn by {@link #uncancel}. Source: {@code cancelling}. */
    public int cancelling() {
        return delegate.cancelling();
    }

    /**
     * Withdraws one request to cancel the task; withdrawing the last one also withdraws a cancellation that has not been
     * delivered yet.
     *
     * <p>Source: {@code Task.uncancel()}.
     *
     * @return how many requests are left
     */
    public int uncancel() {
        return delegate.uncancel();
    }

    /** The context variables of its body. Source: {@code Task.get_context()}. */
    public Context getContext() {
        return new Context(delegate.getContext());
    }
}
