// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade;

import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;

import static dev.simul.interop.Bodies.callInBody;

/**
 * Holds any number of context managers and callbacks, of both kinds, and exits them in reverse order at the end of a block.
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
 * <p>Each manager is exited with the current exception, as if the blocks were nested: it may suppress the exception, or throw
 * another in its place, which then has the replaced one as a suppressed exception. Cancelling the task while it exits a manager
 * throws there; the other managers are exited after it. {@code try}-with-resources does not pass on how its block ended, so there
 * each manager is exited with null.
 *
 * <p>Source: {@code contextlib.AsyncExitStack}.
 */
public final class AsyncExitStack implements AsyncContextManager<AsyncExitStack>, AsyncCloseable {
    /** The runtime's synchronous stack: in a body, awaiting is plain code. */
    private final dev.simul.generators.ExitStack stack;

    /** An empty stack. Source: {@code contextlib.AsyncExitStack()}. */
    public AsyncExitStack() {
        this(new dev.simul.generators.ExitStack());
    }

    private AsyncExitStack(dev.simul.generators.ExitStack stack) {
        this.stack = stack;
    }

    /**
     * Enters {@code manager}, and exits it at the end; the result is the value that entering returned.
     *
     * <p>Source: {@code AsyncExitStack.enter_async_context(cm)}.
     */
    public <T extends @Nullable Object> Future<T> enterAsyncContext(AsyncContextManager<T> manager) {
        return new Future<>(callInBody(() -> stack.enterContext(Managers.toRuntime(manager))));
    }

    /** As {@link #enterAsyncContext}, for a manager that does not await. Source: {@code AsyncExitStack.enter_context(cm)}. */
    public <T extends @Nullable Object> T enterContext(ContextManager<T> manager) {
        return stack.enterContext(Managers.toRuntime(manager));
    }

    /**
     * Exits {@code manager} at the end, without entering it.
     *
     * <p>Source: {@code AsyncExitStack.push_async_exit(exit)}, {@code push(exit)}.
     */
    public void pushAsyncExit(AsyncContextManager<?> manager) {
        stack.push(Managers.toRuntime(manager));
    }

    /**
     * Calls {@code exit} at the end, with the current exception or null; it returns whether to suppress the exception.
     *
     * <p>Source: {@code AsyncExitStack.push_async_exit(exit)}, {@code push(exit)}.
     */
    public void pushAsyncExit(AsyncContextManager.Exit exit) {
        Managers.push(stack, exit);
    }

    /**
     * Runs a body at the end, as part of the task that exits the stack; its result is dropped.
     *
     * <p>Source: {@code AsyncExitStack.push_async_callback(callback)}.
     */
    public void pushAsyncCallback(Callable<?> callback) {
        pushAsyncExit(exception -> {
            callback.call();
            return false;
        });
    }

    /** As {@link #pushAsyncCallback(Callable)}, for a body that returns nothing. */
    public void pushAsyncCallback(Action callback) {
        pushAsyncCallback(new ActionBody(callback));
    }

    /** Calls {@code callback} at the end. Source: {@code AsyncExitStack.callback(callback)}. */
    public void callback(Runnable callback) {
        Managers.callback(stack, callback);
    }

    /** Moves everything that this stack holds to a new one, so that this one exits nothing. Source: {@code pop_all()}. */
    public AsyncExitStack popAll() {
        return new AsyncExitStack(stack.popAll());
    }

    /** Exits everything that this stack holds, now. Source: {@code AsyncExitStack.aclose()}. */
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

    /** Exits everything that this stack holds. Source: {@code AsyncExitStack.__aexit__}. */
    @Override
    public boolean aexit(@Nullable Throwable exception) {
        return stack.exit(exception);
    }
}
