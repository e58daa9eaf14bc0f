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
 * <p>CPython name: the keyword arguments of {@code asyncio.create_task}.
 *
 * @param name what the task is called; {@code Task-N} if null
 * @param context the context variables it runs with; a copy of the current ones if null
 * @param eagerStart whether its first step runs inside the call; as the loop has it if null
 */
public record TaskOptions(@Nullable String name, @Nullable Context context, @Nullable Boolean eagerStart) {
    static final TaskOptions NONE = new TaskOptions();

    /** Says nothing yet. */
    public TaskOptions() {
        this(null, null, null);
    }

    /** These, with that name. */
    public TaskOptions name(String name) {
        return new TaskOptions(name, context, eagerStart);
    }

    /** These, with those context variables; what the task sets is seen in them. */
    public TaskOptions context(Context context) {
        return new TaskOptions(name, context, eagerStart);
    }

    /** These, with a first step that runs inside the call, or in a turn of its own. */
    public TaskOptions eagerStart(boolean eagerStart) {
        return new TaskOptions(name, context, eagerStart);
    }

    dev.simul.TaskOptions source() {
        return new dev.simul.TaskOptions(name, Context.sourceOf(context), eagerStart);
    }
}
