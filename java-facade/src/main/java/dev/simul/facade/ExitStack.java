// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade;

import org.jspecify.annotations.Nullable;

/**
 * Holds any number of context managers and callbacks, and exits them in reverse order at the end of a block. It needs no loop.
 *
 * <p>Each manager is exited with the current exception, as if the blocks were nested: it may suppress the exception, or throw
 * another in its place, which then has the replaced one as a suppressed exception. {@code try}-with-resources does not pass on
 * how its block ended, so there each manager is exited with null.
 *
 * <p>Source: {@code contextlib.ExitStack}.
 */
public final class ExitStack implements ContextManager<ExitStack>, AutoCloseable {
    private final dev.simul.generators.ExitStack stack;

    /** An empty stack. Source: {@code contextlib.ExitStack()}. */
    public ExitStack() {
        this(new dev.simul.generators.ExitStack());
    }

    private ExitStack(dev.simul.generators.ExitStack stack) {
        this.stack = stack;
    }

    /**
     * Enters {@code manager}, exits it at the end, and returns the value that entering returned.
     *
     * <p>Source: {@code ExitStack.enter_context(cm)}.
     */
    public <T extends @Nullable Object> T enterContext(ContextManager<T> manager) {
        return stack.enterContext(Managers.toRuntime(manager));
    }

    /** Exits {@code manager} at the end, without entering it. Source: {@code ExitStack.push(exit)}. */
    public void push(ContextManager<?> manager) {
        stack.push(Managers.toRuntime(manager));
    }

    /**
     * Calls {@code exit} at the end, with the current exception or null; it returns whether to suppress the exception.
     *
     * <p>Source: {@code ExitStack.push(exit)}.
     */
    public void push(AsyncContextManager.Exit exit) {
        Managers.push(stack, exit);
    }

    /** Calls {@code callback} at the end. Source: {@code ExitStack.callback(callback)}. */
    public void callback(Runnable callback) {
        Managers.callback(stack, callback);
    }

    /** Moves everything that this stack holds to a new one, so that this one exits nothing. Source: {@code pop_all()}. */
    public ExitStack popAll() {
        return new ExitStack(stack.popAll());
    }

    /** Exits everything that this stack holds, now. Source: {@code ExitStack.close()}. */
    @Override
    public void close() {
        stack.close();
    }

    /** Returns this. Source: {@code ExitStack.__enter__}. */
    @Override
    public ExitStack enter() {
        return this;
    }

    /** Exits everything that this stack holds. Source: {@code ExitStack.__exit__}. */
    @Override
    public boolean exit(@Nullable Throwable exception) {
        return stack.exit(exception);
    }
}
