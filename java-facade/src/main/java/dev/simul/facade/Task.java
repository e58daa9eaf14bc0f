package dev.simul.facade;

import dev.simul.bodies.Call;
import org.jspecify.annotations.Nullable;

/**
 * A body that takes turns with all others on the loop; made by {@link Asyncio#createTask}.
 *
 * <p>The loop keeps a pending task alive: nobody else needs to.
 *
 * <p>CPython name: {@code asyncio.Task}.
 */
public final class Task<T extends @Nullable Object> extends Future<T> {
    private final dev.simul.Task<T> task;

    Task(Call<T> call, dev.simul.Task<T> task) {
        super(call);
        this.task = task;
    }

    /** What the task is called: {@code Task-1}, {@code Task-2}, … unless it was named. CPython name: {@code get_name}. */
    public String getName() {
        return task.getName();
    }

    /** Renames the task. CPython name: {@code set_name}. */
    public void setName(String name) {
        task.setName(name);
    }
}
