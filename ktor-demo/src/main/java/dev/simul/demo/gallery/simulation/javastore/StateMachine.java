// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.gallery.simulation.javastore;

import dev.simul.demo.gallery.simulation.store.Bug;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The keys and their values: what the commands of a log lead to, when they are applied one after the other. */
final class StateMachine {
    private record Session(int number, String result) {}

    private final KeyValueModel model = new KeyValueModel();
    private final Map<String, String> values = new HashMap<>();
    private final Map<String, Session> sessions = new HashMap<>();
    private final @Nullable Bug bug;

    StateMachine(@Nullable Bug bug) {
        this.bug = bug;
    }

    /** Applies a command, unless that was done already: a retry gets the result of the first attempt. */
    String apply(Command command) {
        Session session = sessions.get(command.client());
        if (session != null && command.number() <= session.number() && bug != Bug.DOUBLE_RETRY) {
            return session.result();
        }
        String result = apply(command.operation());
        sessions.put(command.client(), new Session(command.number(), result));
        return result;
    }

    private String apply(Operation operation) {
        var step = model.step(values.getOrDefault(operation.key(), ""), operation);
        values.put(operation.key(), step.state());
        return step.result();
    }
}
