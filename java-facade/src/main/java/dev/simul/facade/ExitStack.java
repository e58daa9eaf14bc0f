// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade;

import org.jspecify.annotations.Nullable;

/**
 * A block's context managers and callbacks, as many as turn out to be needed; left in reverse order at the block's end. It
 * needs no loop.
 *
 * <p>Each is left with the exception that is under way, as if the blocks were nested: it may suppress that, or throw another in
 * its place, of which the replaced one is then a suppressed exception. In {@code try}-with-resources, which tells nobody how
 * its block has ended, each is left with null.
 *
 * <p>Source: {@code contextlib.ExitStack}.
 */
public final class ExitStack implements ContextManager<ExitStack>, AutoCloseable {
    private final dev.simul.generators.ExitStack stack;

    /** A stack that holds nothing. Source: {@code contextlib.ExitStack()}. */
    public ExitStack() {
        this(new dev.simul.generators.ExitStack());
    }

    private ExitStack(dev.simul.generators.ExitStack stack) {
        this.stack = stack;
    }

    /**
     * Enters {@code manager}, has it left in the end, and returns what entering gave.
     *
     * <p>Source: {@code ExitStack.enter_context(cm)}.
     */
    public <T extends @Nullable Object> T enterContext(ContextManager<T> manager) {
        return stack.enterContext(Managers.toRuntime(manager));
    }

    /** Has {@code manager} left in the end, without entering it. Source: {@code ExitStack.push(exit)}. */
    public void push(ContextManager<?> manager) {
        stack.push(Managers.toRuntime(manager));
    }

    /**
     * Has {@code exit} called in the end, with the exception that is under way or null; it returns whether that ends there.
     *
     * <p>Source: {@code ExitStack.push(exit)}.
     */
    public void push(AsyncContextManager.Exit exit) {
        Managers.push(stack, exit);
    }

    /** Has {@code callback} called in the end. Source: {@code ExitStack.callback(callback)}. */
    public void callback(Runnable callback) {
        Managers.callback(stack, callback);
    }

    /** Moves all that this holds to a new stack, so that the end of this one leaves nothing. Source: {@code pop_all()}. */
    public ExitStack popAll() {
        return new ExitStack(stack.popAll());
    }

    /** Leaves all that this holds, now. Source: {@code ExitStack.close()}. */
    @Override
    public void close() {
        stack.close();
    }

    /** Returns this. Source: {@code ExitStack.__enter__}. */
    @Override
    public ExitStack enter() {
        return this;
    }

    /** Leaves all that this holds. Source: {@code ExitStack.__exit__}. */
    @Override
    public boolean exit(@Nullable Throwable exception) {
        return stack.exit(exception);
    }
}
