// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade;

import org.jspecify.annotations.Nullable;

/**
 * A scheduled callback, which can be cancelled.
 *
 * <p>Source: {@code asyncio.Handle}.
 */
public class Handle {
    private final dev.simul.loop.Handle delegate;

    Handle(dev.simul.loop.Handle delegate) {
        this.delegate = delegate;
    }

    static Handle of(dev.simul.loop.Handle delegate) {
        return delegate instanceof dev.simul.loop.TimerHandle timer ? new TimerHandle(timer) : new Handle(delegate);
    }

    /**
     * Cancels the callback; does nothing if it is already cancelled or has run.
     *
     * <p>Only the handle of {@link EventLoop#callSoonThreadsafe} may be cancelled from another thread than the loop's.
     *
     * <p>Source: {@code Handle.cancel()}.
     */
    public final void cancel() {
        delegate.cancel();
    }

    /** Whether it was cancelled. Source: {@code Handle.cancelled()}. */
    public final boolean cancelled() {
        return delegate.cancelled();
    }

    /** The context variables that the callback runs with. Source: {@code Handle.get_context()}. */
    public final Context getContext() {
        return new Context(delegate.getContext());
    }

    @Override
    public final boolean equals(@Nullable Object other) {
        return other instanceof Handle handle && handle.delegate == delegate;
    }

    @Override
    public final int hashCode() {
        return System.identityHashCode(delegate);
    }
}
