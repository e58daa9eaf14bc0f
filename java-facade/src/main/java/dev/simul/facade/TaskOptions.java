// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade;

import org.jspecify.annotations.Nullable;

/**
 * How to create a task, for the overloads of {@code createTask} that take options; an option that is not set is null. Immutable:
 * each method returns a changed copy.
 *
 * <pre>{@code
 * createTask(new TaskOptions().name("worker").eagerStart(true), () -> work());
 * }</pre>
 *
 * <p>Source: the keyword arguments of {@code asyncio.create_task}.
 */
public final class TaskOptions {
    static final TaskOptions NONE = new TaskOptions();

    final @Nullable String name;
    final @Nullable Context context;
    final @Nullable Boolean eagerStart;

    /** The defaults. */
    public TaskOptions() {
        this(null, null, null);
    }

    private TaskOptions(@Nullable String name, @Nullable Context context, @Nullable Boolean eagerStart) {
        this.name = name;
        this.context = context;
        this.eagerStart = eagerStart;
    }

    /** Sets the name; the default is {@code Task-N}. */
    public TaskOptions name(String name) {
        return new TaskOptions(name, context, eagerStart);
    }

    /**
     * Runs the task in {@code context} itself instead of a copy of the current one, so variables that the task sets are visible
     * in it.
     */
    public TaskOptions context(Context context) {
        return new TaskOptions(name, context, eagerStart);
    }

    /** Sets whether the first step runs inside the call rather than in a turn of its own; the default is the loop's setting. */
    public TaskOptions eagerStart(boolean eagerStart) {
        return new TaskOptions(name, context, eagerStart);
    }

    dev.simul.TaskOptions delegate() {
        return new dev.simul.TaskOptions(name, Context.delegateOf(context), eagerStart);
    }

    @Override
    public String toString() {
        return "TaskOptions[name=" + name + ", context=" + context + ", eagerStart=" + eagerStart + "]";
    }
}
