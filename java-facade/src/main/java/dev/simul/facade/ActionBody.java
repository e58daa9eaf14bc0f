// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade;

import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;

/** An action, as a body whose result is null. */
record ActionBody(Action action) implements Callable<@Nullable Void> {
    @Override
    public @Nullable Void call() throws Exception {
        action.run();
        return null;
    }

    @Override
    public String toString() {
        return action.toString();
    }
}
