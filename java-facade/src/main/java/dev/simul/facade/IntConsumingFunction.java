// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade;

import java.util.function.IntConsumer;
import kotlin.Unit;
import kotlin.jvm.functions.Function1;

/** A callback that takes a number, adapted for the runtime. */
record IntConsumingFunction(IntConsumer consumer) implements Function1<Integer, Unit> {
    @Override
    public Unit invoke(Integer number) {
        consumer.accept(number);
        return Unit.INSTANCE;
    }

    @Override
    public String toString() {
        return consumer.toString();
    }
}
