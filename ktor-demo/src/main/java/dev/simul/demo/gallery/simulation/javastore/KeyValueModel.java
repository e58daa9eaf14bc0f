// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.gallery.simulation.javastore;

import dev.simul.simulation.histories.Model;
import dev.simul.simulation.histories.Step;

/** What clients may expect of the store: that of one server which does one operation after the other, and never crashes. */
public final class KeyValueModel implements Model<String, Operation, String> {
    @Override
    public String getInitial() {
        return "";
    }

    @Override
    public Step<String, String> step(String state, Operation operation) {
        String after = switch (operation.verb()) {
            case GET -> state;
            case PUT -> operation.value();
            case APPEND -> state + operation.value();
        };
        return new Step<>(after, after);
    }

    @Override
    public Object key(Operation operation) {
        return operation.key();
    }
}
