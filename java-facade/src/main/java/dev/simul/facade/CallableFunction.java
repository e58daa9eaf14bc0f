// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade;

import java.util.concurrent.Callable;
import kotlin.jvm.functions.Function0;
import org.jspecify.annotations.Nullable;

/** A callable, adapted for the runtime. */
record CallableFunction<T extends @Nullable Object>(Callable<T> callable) implements Function0<T> {
    @Override
    public T invoke() {
        try {
            return callable.call();
        } catch (Throwable e) {
            throw Sneaky.rethrow(e);
        }
    }

    @Override
    public String toString() {
        return callable.toString();
    }
}
