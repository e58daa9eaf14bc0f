// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade;

import java.util.concurrent.Callable;
import java.util.function.Supplier;
import kotlin.jvm.functions.Function0;
import org.jspecify.annotations.Nullable;

import static dev.simul.interop.Bodies.bodyOf;

/**
 * Runs several bodies, one after the other, on one loop and with the same context variables.
 *
 * <p>The loop is created when it is first needed.
 *
 * <p>Source: {@code asyncio.Runner}.
 */
public final class Runner implements AutoCloseable {
    private final dev.simul.Runner delegate;

    /** A runner whose loop uses the machine's clock, and is also this thread's current loop until {@link #close}. */
    public Runner() {
        this(null, null);
    }

    /**
     * A runner whose loop is created with the given settings.
     *
     * @param debug whether the loop is in debug mode; null keeps the setting that the loop is created with
     * @param loopFactory creates the loop; null means a loop on the machine's clock
     */
    public Runner(@Nullable Boolean debug, @Nullable Supplier<EventLoop> loopFactory) {
        delegate = new dev.simul.Runner(debug, delegateOf(loopFactory));
    }

    static @Nullable Function0<dev.simul.loop.EventLoop> delegateOf(@Nullable Supplier<EventLoop> loopFactory) {
        return loopFactory == null ? null : () -> loopFactory.get().delegate;
    }

    /**
     * The runner's loop.
     *
     * <p>Source: {@code Runner.get_loop()}.
     *
     * @throws IllegalStateException if this is closed
     */
    public EventLoop getLoop() {
        return EventLoop.of(delegate.getLoop());
    }

    /**
     * Runs a body as a task, in this thread; all bodies of this runner share their context variables. Ctrl-C cancels it, as in
     * {@link Asyncio#run}.
     *
     * <p>Source: {@code Runner.run(coro)}.
     *
     * @return the body's result; the body's exceptions are thrown unwrapped, checked or not
     * @throws IllegalStateException in a thread that runs a loop, and if this is closed
     */
    public <T extends @Nullable Object> T run(Callable<T> main) {
        return delegate.run(bodyOf(main), null);
    }

    /** As {@link #run(Callable)}, for a body that returns nothing. */
    public void run(Action main) {
        run(new ActionBody(main));
    }

    /** As {@link #run(Callable)}, with these context variables. Source: {@code Runner.run(coro, context=context)}. */
    public <T extends @Nullable Object> T run(Context context, Callable<T> main) {
        return delegate.run(bodyOf(main), Context.delegateOf(context));
    }

    /** As {@link #run(Context, Callable)}, for a body that returns nothing. */
    public void run(Context context, Action main) {
        run(context, new ActionBody(main));
    }

    /**
     * Cancels the remaining tasks and waits for them, closes the live asynchronous generators, shuts the default executor down,
     * waiting for its threads for at most five minutes, and closes the loop. Closing again does nothing; nor does closing a
     * runner that has not created its loop.
     *
     * <p>Source: {@code Runner.close()}.
     */
    @Override
    public void close() {
        delegate.close();
    }
}
