// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade;

import org.jspecify.annotations.Nullable;

/**
 * How a task is made, for the forms of {@code createTask} that take more than a body; null where nothing is said.
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

    /** These, with that name; {@code Task-N} if there is none. */
    public TaskOptions name(String name) {
        return new TaskOptions(name, context, eagerStart);
    }

    /** These, with those context variables instead of a copy of the current ones; what the task sets is seen in them. */
    public TaskOptions context(Context context) {
        return new TaskOptions(name, context, eagerStart);
    }

    /** These, with a first step that runs inside the call, or in a turn of its own; as the loop has it if nothing is said. */
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
