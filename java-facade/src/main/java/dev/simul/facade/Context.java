// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade;

import dev.simul.context.ContextVar;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;

/**
 * A map from {@link ContextVar}s to values, which a task or a callback carries with it.
 *
 * <p>You read a context like a map, and change it only by setting variables while it is current. It belongs to one thread at a
 * time. Two are equal only if they are the same context, whatever they hold; to compare the values, use {@link #asMap}.
 *
 * <p>Source: {@code contextvars.Context}.
 */
public final class Context {
    private final dev.simul.context.Context delegate;

    /** A context in which no variable is set. */
    public Context() {
        this(new dev.simul.context.Context());
    }

    Context(dev.simul.context.Context delegate) {
        this.delegate = delegate;
    }

    static dev.simul.context.@Nullable Context delegateOf(@Nullable Context context) {
        return context == null ? null : context.delegate;
    }

    /**
     * Calls {@code callable} with this context as the current one, and returns its result or throws what it threw.
     *
     * <p>Variables that it sets stay set only in this context. It must not await: to await, create a task that runs in this
     * context, see {@link TaskOptions#context(Context)}.
     *
     * <p>Source: {@code Context.run}.
     *
     * @throws IllegalStateException if this context is already entered
     */
    public <T extends @Nullable Object> T run(Callable<T> callable) {
        return delegate.run(new CallableFunction<>(callable));
    }

    /** As {@link #run(Callable)}, for an action that returns nothing. */
    public void run(Action action) {
        run(new ActionBody(action));
    }

    /** A context with the same values, independent of this one; takes constant time. Source: {@code Context.copy}. */
    public Context copy() {
        return new Context(delegate.copy());
    }

    /**
     * The value of a variable in this context.
     *
     * @throws java.util.NoSuchElementException if it was not set here, even if it has a default
     */
    public <T extends @Nullable Object> T get(ContextVar<T> variable) {
        return delegate.get(variable);
    }

    /** The value of a variable in this context, or {@code defaultValue} if it was not set here. */
    public <T extends @Nullable Object> T get(ContextVar<T> variable, T defaultValue) {
        return delegate.get(variable, defaultValue);
    }

    /** Whether a variable was set in this context. */
    public boolean contains(ContextVar<?> variable) {
        return delegate.contains(variable);
    }

    /** How many variables are set in this context. */
    public int size() {
        return delegate.getSize();
    }

    /** A snapshot of this context's values. */
    public Map<ContextVar<?>, @Nullable Object> asMap() {
        return delegate.asMap();
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Context context && context.delegate == delegate;
    }

    @Override
    public int hashCode() {
        return System.identityHashCode(delegate);
    }

    @Override
    public String toString() {
        return delegate.toString();
    }
}
