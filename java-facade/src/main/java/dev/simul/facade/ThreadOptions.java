// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade;

import kotlin.Unit;
import kotlin.jvm.functions.Function0;
import org.jspecify.annotations.Nullable;

/**
 * How {@link Asyncio#toThread(ThreadOptions, java.util.concurrent.Callable)} stops its work when it is cancelled while a thread
 * runs it. Immutable: each method returns a changed copy.
 *
 * <pre>{@code
 * toThread(new ThreadOptions().onCancel(statement::cancel), () -> statement.executeQuery(sql));
 * }</pre>
 *
 * <p>asyncio has no equivalent.
 */
public final class ThreadOptions {
    private final boolean interruptOnCancel;
    private final @Nullable Action onCancel;

    /** The defaults: the thread goes on. */
    public ThreadOptions() {
        this(false, null);
    }

    private ThreadOptions(boolean interruptOnCancel, @Nullable Action onCancel) {
        this.interruptOnCancel = interruptOnCancel;
        this.onCancel = onCancel;
    }

    /** Sets whether the thread is interrupted, which ends most waits of the JDK with an {@link InterruptedException}. */
    public ThreadOptions interruptOnCancel(boolean interruptOnCancel) {
        return new ThreadOptions(interruptOnCancel, onCancel);
    }

    /**
     * Sets a callback to call on cancellation, for example {@code statement::cancel}.
     *
     * <p>It is called with a copy of the caller's context variables, in a thread of its own, so that it may block, even if all
     * threads of the executor are busy. It may run when the work is just ending. Its exceptions go to the loop's exception
     * handler. If the thread is to be interrupted too, that happens afterwards.
     */
    public ThreadOptions onCancel(Action onCancel) {
        return new ThreadOptions(interruptOnCancel, onCancel);
    }

    boolean interrupts() {
        return interruptOnCancel;
    }

    /** For the runtime. */
    @Nullable Function0<Unit> hook() {
        var action = onCancel;
        if (action == null) {
            return null;
        }
        return new CallableFunction<>(() -> {
            action.run();
            return Unit.INSTANCE;
        });
    }

    @Override
    public String toString() {
        return "ThreadOptions(interruptOnCancel=" + interruptOnCancel + ", onCancel=" + onCancel + ")";
    }
}
