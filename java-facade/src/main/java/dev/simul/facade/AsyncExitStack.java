// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade;

import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;

import static dev.simul.interop.Bodies.callInBody;

/**
 * A block's context managers and callbacks, of both kinds, as many as turn out to be needed; left in reverse order at the
 * block's end.
 *
 * <pre>{@code
 * asyncWith(new AsyncExitStack(), stack -> {
 *     List<Connection> connections = new ArrayList<>();
 *     for (String host : hosts) {
 *         connections.add(stack.enterAsyncContext(connection(host)).await());
 *     }
 *     return askAll(connections);
 * }).await();
 * }</pre>
 *
 * <p>Each is left with the exception that is under way, as if the blocks were nested: it may suppress that, or throw another in
 * its place, of which the replaced one is then a suppressed exception. Cancelling the task while it leaves one of them throws
 * there; the others are left after it. In {@code try}-with-resources, which tells nobody how its block has ended, each is left
 * with null.
 *
 * <p>Source: {@code contextlib.AsyncExitStack}.
 */
public final class AsyncExitStack implements AsyncContextManager<AsyncExitStack>, AsyncCloseable {
    /** The plain one of the runtime: in a body, awaiting is plain code. */
    private final dev.simul.generators.ExitStack stack;

    /** A stack that holds nothing. Source: {@code contextlib.AsyncExitStack()}. */
    public AsyncExitStack() {
        this(new dev.simul.generators.ExitStack());
    }

    private AsyncExitStack(dev.simul.generators.ExitStack stack) {
        this.stack = stack;
    }

    /**
     * Enters {@code manager}, has it left in the end, and has what entering gave.
     *
     * <p>Source: {@code AsyncExitStack.enter_async_context(cm)}.
     */
    public <T extends @Nullable Object> Future<T> enterAsyncContext(AsyncContextManager<T> manager) {
        return new Future<>(callInBody(() -> stack.enterContext(Managers.toRuntime(manager))));
    }

    /** As {@link #enterAsyncContext}, of a manager that does not await. Source: {@code AsyncExitStack.enter_context(cm)}. */
    public <T extends @Nullable Object> T enterContext(ContextManager<T> manager) {
        return stack.enterContext(Managers.toRuntime(manager));
    }

    /**
     * Has {@code manager} left in the end, without entering it.
     *
     * <p>Source: {@code AsyncExitStack.push_async_exit(exit)}, {@code push(exit)}.
     */
    public void pushAsyncExit(AsyncContextManager<?> manager) {
        stack.push(Managers.toRuntime(manager));
    }

    /**
     * Has {@code exit} called in the end, with the exception that is under way or null; it returns whether that ends there.
     *
     * <p>Source: {@code AsyncExitStack.push_async_exit(exit)}, {@code push(exit)}.
     */
    public void pushAsyncExit(AsyncContextManager.Exit exit) {
        Managers.push(stack, exit);
    }

    /**
     * Has a body run in the end, as a part of the task that leaves this; its result is dropped.
     *
     * <p>Source: {@code AsyncExitStack.push_async_callback(callback)}.
     */
    public void pushAsyncCallback(Callable<?> callback) {
        pushAsyncExit(exception -> {
            callback.call();
            return false;
        });
    }

    /** As {@link #pushAsyncCallback(Callable)}, of a body that returns nothing. */
    public void pushAsyncCallback(Action callback) {
        pushAsyncCallback(new ActionBody(callback));
    }

    /** Has {@code callback} called in the end. Source: {@code AsyncExitStack.callback(callback)}. */
    public void callback(Runnable callback) {
        Managers.callback(stack, callback);
    }

    /** Moves all that this holds to a new stack, so that the end of this one leaves nothing. Source: {@code pop_all()}. */
    public AsyncExitStack popAll() {
        return new AsyncExitStack(stack.popAll());
    }

    /** Leaves all that this holds, now. Source: {@code AsyncExitStack.aclose()}. */
    @Override
    public Future<@Nullable Void> aclose() {
        return new Future<>(callInBody(() -> {
            stack.close();
            return null;
        }));
    }

    /** Returns this. Source: {@code AsyncExitStack.__aenter__}. */
    @Override
    public AsyncExitStack aenter() {
        return this;
    }

    /** Leaves all that this holds. Source: {@code AsyncExitStack.__aexit__}. */
    @Override
    public boolean aexit(@Nullable Throwable exception) {
        return stack.exit(exception);
    }
}
