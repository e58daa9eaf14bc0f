// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade.cluster;

import dev.simul.Awaitable;
import dev.simul.facade.Future;
import java.util.function.Function;
import kotlin.coroutines.Continuation;
import org.jspecify.annotations.Nullable;

import static dev.simul.facade.Asyncio.timeout;
import static dev.simul.interop.Bodies.awaitInBody;

/** Calls of the cluster's suspend functions. */
final class Calls {
    private Calls() {}

    /** Only the facade's main package makes futures, so it is the call of a body; awaited at once, it runs in place. */
    static <T extends @Nullable Object> Future<T> call(SuspendFunction<T> function) {
        return timeout(null, () -> awaitHere(function));
    }

    /** As {@link #call(SuspendFunction)}; the result is what {@code map} makes of the function's. */
    static <T, R> Future<R> call(SuspendFunction<T> function, Function<? super T, ? extends R> map) {
        return timeout(null, () -> (R) map.apply(awaitHere(function)));
    }

    /** As {@link #call(SuspendFunction)}, of a function that returns {@code Unit}. */
    static Future<@Nullable Void> callForNothing(SuspendFunction<?> function) {
        return timeout(null, () -> {
            awaitHere(function);
        });
    }

    /** Awaits the function in the calling body, at once. */
    @SuppressWarnings("unchecked") // It takes a T.
    static <T extends @Nullable Object> T awaitHere(SuspendFunction<T> function) {
        Awaitable<T> awaitable = continuation -> function.call((Continuation<T>) continuation);
        return awaitInBody(awaitable);
    }

    /** What the cluster's suspend functions are to Java; references to them fit in. */
    @FunctionalInterface
    interface SuspendFunction<T extends @Nullable Object> {
        @Nullable Object call(Continuation<T> continuation);
    }
}
