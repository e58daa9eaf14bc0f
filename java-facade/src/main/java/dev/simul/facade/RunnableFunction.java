// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade;

import kotlin.Unit;
import kotlin.jvm.functions.Function0;

/** A callback, adapted for the runtime. */
record RunnableFunction(Runnable runnable) implements Function0<Unit> {
    @Override
    public Unit invoke() {
        runnable.run();
        return Unit.INSTANCE;
    }

    @Override
    public String toString() {
        return runnable.toString();
    }
}
