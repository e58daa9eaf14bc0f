// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade.cluster;

import dev.simul.Awaitable;
import dev.simul.facade.AsyncIterable;
import dev.simul.facade.Future;
import dev.simul.generators.AsyncGenerator;
import dev.simul.interop.JavaFactory;
import java.lang.invoke.MethodHandles;
import java.util.function.Function;
import kotlin.coroutines.Continuation;
import org.jspecify.annotations.Nullable;

import static dev.simul.interop.Bodies.callInBody;
import static dev.simul.interop.Calls.mapped;
import static dev.simul.interop.Calls.withoutResult;

/** Calls of the cluster's suspend functions. */
final class Calls {
    private static final JavaFactory FACTORY = JavaFactory.of(MethodHandles.lookup(), Future.class);

    private Calls() {}

    static <T extends @Nullable Object> Future<T> call(SuspendFunction<T> function) {
        return futureOf(awaitable(function));
    }

    /** As {@link #call(SuspendFunction)}; the result is what {@code map} makes of the function's. */
    static <T, R> Future<R> call(SuspendFunction<T> function, Function<? super T, ? extends R> map) {
        return futureOf(mapped(awaitable(function), map));
    }

    /** As {@link #call(SuspendFunction)}, of a function that returns {@code Unit}. */
    static Future<@Nullable Void> callForNothing(SuspendFunction<?> function) {
        return futureOf(withoutResult(awaitable(function)));
    }

    /** The items of the generator that {@code function} makes: Java knows no {@code Nothing}, and leaves all parameters of its type out. */
    @SuppressWarnings({"unchecked", "rawtypes"})
    static <T> Future<AsyncIterable<T>> callForItems(SuspendFunction<Object> function) {
        return call(function, generator -> (AsyncIterable<T>) FACTORY.iterableOf((AsyncGenerator) generator));
    }

    private static <T extends @Nullable Object> Future<T> futureOf(Awaitable<T> awaitable) {
        return (Future<T>) FACTORY.futureOf(callInBody(awaitable));
    }

    @SuppressWarnings("unchecked") // It takes a T.
    private static <T extends @Nullable Object> Awaitable<T> awaitable(SuspendFunction<T> function) {
        return continuation -> function.call((Continuation<T>) continuation);
    }

    /** What the cluster's suspend functions are to Java; references to them fit in. */
    @FunctionalInterface
    interface SuspendFunction<T extends @Nullable Object> {
        @Nullable Object call(Continuation<T> continuation);
    }
}
