// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade;

import org.jspecify.annotations.Nullable;

/**
 * A callback that was scheduled, and can be taken back.
 *
 * <p>CPython name: {@code asyncio.Handle}.
 */
public class Handle {
    private final dev.simul.loop.Handle source;

    Handle(dev.simul.loop.Handle source) {
        this.source = source;
    }

    static Handle of(dev.simul.loop.Handle source) {
        return source instanceof dev.simul.loop.TimerHandle timer ? new TimerHandle(timer) : new Handle(source);
    }

    /**
     * Takes the callback back; does nothing if it was called before or the callback has run.
     *
     * <p>Only the handle of {@link EventLoop#callSoonThreadsafe} may be cancelled from another thread than the loop's.
     *
     * <p>CPython name: {@code Handle.cancel()}.
     */
    public final void cancel() {
        source.cancel();
    }

    /** Whether it was cancelled. CPython name: {@code Handle.cancelled()}. */
    public final boolean cancelled() {
        return source.cancelled();
    }

    /** The context variables that the callback runs with. CPython name: {@code Handle.get_context()}. */
    public final Context getContext() {
        return new Context(source.getContext());
    }

    @Override
    public final boolean equals(@Nullable Object other) {
        return other instanceof Handle handle && handle.source == source;
    }

    @Override
    public final int hashCode() {
        return System.identityHashCode(source);
    }
}
