// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade.conformance;

import dev.simul.conformance.ShowKt;
import dev.simul.exceptions.CancelledException;
import dev.simul.facade.Future;
import dev.simul.facade.Task;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.stream.Collectors;

/** Values and futures of one program as its trace shows them. */
final class Show {
    private final Set<Task<?>> returned = Collections.newSetFromMap(new IdentityHashMap<>());

    /** Says that the body of {@code task} has come to its end by itself. */
    void hasReturned(Task<?> task) {
        returned.add(task);
    }

    /** A value; a future is one of those that {@code gatherResults} gives. */
    String show(Object value) {
        if (value instanceof List<?> list) {
            return list.stream().map(this::show).collect(Collectors.joining(", ", "[", "]"));
        }
        return value instanceof Future<?> future ? gathered(future) : ShowKt.show(value);
    }

    /**
     * Java is given the future itself, CPython what came of it. For a cancelled task that is a new CancelledError, without the
     * message that the task's own has; only a task whose body returns while a cancellation is due keeps it.
     */
    private String gathered(Future<?> future) {
        return future instanceof Task<?> task && task.isCancelled() && !returned.contains(task)
                ? ShowKt.show((Throwable) new CancelledException())
                : outcome(future);
    }

    private String outcome(Future<?> future) {
        try {
            Throwable exception = future.exception();
            return exception == null ? show(future.result()) : ShowKt.show(exception);
        } catch (CancellationException e) {
            return ShowKt.show((Throwable) e);
        }
    }

    String state(Future<?> future) {
        if (!future.isDone()) {
            return "pending";
        }
        if (future.isCancelled()) {
            return outcome(future);
        }
        return (future.exception() == null ? "returned " : "raised ") + outcome(future);
    }
}
