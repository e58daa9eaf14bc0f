// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade;

import dev.simul.Awaitable;
import dev.simul.net.Connection;
import dev.simul.transports.BaseProtocol;
import dev.simul.transports.BaseTransport;
import java.util.Objects;
import java.util.function.Function;
import java.util.function.Supplier;
import kotlin.coroutines.Continuation;
import kotlin.jvm.functions.Function0;
import org.jspecify.annotations.Nullable;

import static dev.simul.interop.Bodies.awaitInBody;
import static dev.simul.interop.Bodies.callInBody;
import static dev.simul.interop.Calls.mapped;
import static dev.simul.interop.Calls.withoutResult;

/** Calls of the runtime's suspend functions. */
final class Calls {
    private Calls() {}

    static <T extends @Nullable Object> Future<T> call(SuspendFunction<T> function) {
        return new Future<>(callInBody(awaitable(function)));
    }

    /** As {@link #call(SuspendFunction)}; the result is what {@code map} makes of the function's. */
    static <T, R> Future<R> call(SuspendFunction<T> function, Function<? super T, ? extends R> map) {
        return new Future<>(callInBody(mapped(awaitable(function), map)));
    }

    /** As {@link #call}, of a function that returns {@code Unit}. */
    static Future<@Nullable Void> callForNothing(SuspendFunction<?> function) {
        return new Future<>(callInBody(withoutResult(awaitable(function))));
    }

    /** As {@link #call(SuspendFunction)}, of a function that connects. */
    @SuppressWarnings("unchecked") // A record only gives what it has, so it may have what is narrower.
    static <T extends BaseTransport, P extends BaseProtocol> Future<Connection<T, P>> connecting(
            SuspendFunction<? extends Connection<? extends T, ? extends P>> function) {
        return (Future<Connection<T, P>>) call(function);
    }

    /** What the runtime makes protocols by. */
    static <P extends BaseProtocol> Function0<P> factoryOf(Supplier<? extends P> protocolFactory) {
        return () -> Objects.requireNonNull(protocolFactory.get(), "the protocol factory has made no protocol");
    }

    /** Awaits the function in the calling body, at once. */
    static <T extends @Nullable Object> T awaitHere(SuspendFunction<T> function) {
        return awaitInBody(awaitable(function));
    }

    @SuppressWarnings("unchecked") // It takes a T.
    private static <T extends @Nullable Object> Awaitable<T> awaitable(SuspendFunction<T> function) {
        return continuation -> function.call((Continuation<T>) continuation);
    }

    /** What the runtime's suspend functions are to Java; references to them fit in. */
    @FunctionalInterface
    interface SuspendFunction<T extends @Nullable Object> {
        @Nullable Object call(Continuation<T> continuation);
    }
}
