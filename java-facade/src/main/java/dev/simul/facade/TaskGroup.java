// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade;

import dev.simul.interop.JavaTasks;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;

import static dev.simul.interop.Bodies.bodyOf;
import static dev.simul.interop.Calls.startCalls;

/**
 * A group of tasks that end together; passed to the body of {@link Asyncio#taskGroup}.
 *
 * <p>Source: {@code asyncio.TaskGroup}.
 */
public final class TaskGroup {
    private final dev.simul.TaskGroup delegate = new dev.simul.TaskGroup();

    private TaskGroup() {}

    static <T extends @Nullable Object> T run(Body<? super TaskGroup, T> body) throws Exception {
        TaskGroup group = new TaskGroup();
        JavaTasks.enter(group.delegate);
        T result;
        try {
            result = body.call(group);
        } catch (Throwable e) {
            JavaTasks.leaveInBody(group.delegate, e);
            throw e;
        }
        JavaTasks.leaveInBody(group.delegate, null);
        return result;
    }

    /**
     * Starts a body as a task of this group.
     *
     * <p>Source: {@code TaskGroup.create_task(coro)}.
     *
     * @throws IllegalStateException if the group has ended or is shutting down
     */
    public <T extends @Nullable Object> Task<T> createTask(Callable<T> body) {
        return createTask(TaskOptions.NONE, body);
    }

    /** As {@link #createTask(Callable)}, for a body that returns nothing. */
    public Task<@Nullable Void> createTask(Action body) {
        return createTask(new ActionBody(body));
    }

    /** As {@link #createTask(Callable)}; the task is called {@code name}. */
    public <T extends @Nullable Object> Task<T> createTask(String name, Callable<T> body) {
        return createTask(TaskOptions.NONE.name(name), body);
    }

    /** As {@link #createTask(String, Callable)}, for a body that returns nothing. */
    public Task<@Nullable Void> createTask(String name, Action body) {
        return createTask(name, new ActionBody(body));
    }

    /** As {@link #createTask(Callable)}, with options. */
    public <T extends @Nullable Object> Task<T> createTask(TaskOptions options, Callable<T> body) {
        startCalls();
        return Task.of(delegate.createTask(
                bodyOf(body), options.name, Context.delegateOf(options.context), options.eagerStart));
    }

    /** As {@link #createTask(TaskOptions, Callable)}, for a body that returns nothing. */
    public Task<@Nullable Void> createTask(TaskOptions options, Action body) {
        return createTask(options, new ActionBody(body));
    }

    @Override
    public String toString() {
        return delegate.toString();
    }
}
