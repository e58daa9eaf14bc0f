// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade;

import dev.simul.loop.RunningLoopKt;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Completes a future of the runtime from any thread; the first call wins. */
final class Promise<T extends @Nullable Object> {
    private final dev.simul.Future<T> delegate;
    private final AtomicBoolean taken = new AtomicBoolean();

    Promise(dev.simul.Future<T> delegate) {
        this.delegate = delegate;
    }

    /**
     * Calls {@code complete} in the loop, unless the future is already completed; if the loop no longer runs callbacks, calls
     * {@code afterwards}.
     *
     * @return false if the future is already completed
     */
    boolean keep(Consumer<dev.simul.Future<T>> complete, Runnable afterwards) {
        var loop = delegate.getLoop();
        if (delegate.done() || !taken.compareAndSet(false, true)) {
            return false;
        }
        if (loop.isClosed()) {
            afterwards.run();
        } else if (RunningLoopKt.getRunningLoopOrNull() == loop) {
            complete.accept(delegate);
        } else {
            loop.callSoonThreadsafe(null, new RunnableFunction(() -> {
                if (!delegate.done()) {
                    complete.accept(delegate);
                }
            }));
        }
        return true;
    }
}
