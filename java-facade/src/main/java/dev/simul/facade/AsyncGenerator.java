// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade;

import dev.simul.generators.AsyncGeneratorKt;
import dev.simul.generators.AsyncGeneratorScope;
import dev.simul.generators.AsyncIterator;
import dev.simul.generators.FlowPublisherKt;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.concurrent.Flow.Publisher;
import kotlin.Unit;
import kotlin.coroutines.Continuation;
import kotlin.jvm.functions.Function2;
import org.jspecify.annotations.Nullable;

import static dev.simul.facade.Calls.awaitHere;
import static dev.simul.facade.Calls.call;
import static dev.simul.facade.Calls.callForNothing;
import static dev.simul.interop.Bodies.bodyOf;

/**
 * A generator that may await between its items; made by {@link Asyncio#asyncGenerator}.
 *
 * <pre>{@code
 * AsyncIterable<Integer> ticks = asyncGenerator(gen -> {
 *     for (int i = 0; i < 3; i++) {
 *         sleep(Duration.ofSeconds(1)).await();
 *         gen.yield(i);
 *     }
 * });
 * for (int tick : ticks) {
 *     System.out.println(tick);
 * }
 * }</pre>
 *
 * <p>The body does not begin until the first item is asked for. It runs as part of the task that asks, and with that task's
 * context variables; cancelling that task throws at the body's current await. All tasks that ask must be on one loop.
 *
 * <p>It is closed when its body ends and by {@link #aclose}; see {@link AsyncIterable} for the rest. A generator that is no
 * longer reachable, not even from its own body, is closed when it is collected.
 *
 * <p>Source: an asynchronous generator, {@code types.AsyncGeneratorType}.
 *
 * @param <T> the type of its items
 * @param <S> the type of the values that it can be sent; for a generator that is sent nothing, declare an {@link AsyncIterable},
 *     which omits this parameter
 */
public final class AsyncGenerator<T extends @Nullable Object, S> implements AsyncIterable<T> {
    private final dev.simul.generators.AsyncGenerator<T, S> generator;

    AsyncGenerator(Body<T, S> body) {
        this(AsyncGeneratorKt.asyncGeneratorReceiving(coroutineOf(body)));
    }

    AsyncGenerator(dev.simul.generators.AsyncGenerator<T, S> generator) {
        this.generator = generator;
    }

    /** A generator of the runtime that is sent nothing: Java knows no {@code Nothing}, and leaves all parameters of its type out. */
    @SuppressWarnings({"unchecked", "rawtypes"})
    static <T extends @Nullable Object> AsyncIterable<T> sentNothing(dev.simul.generators.AsyncGenerator generator) {
        return new AsyncGenerator<T, Void>(generator);
    }

    /** Adapts the body for the runtime. */
    static <T extends @Nullable Object, S>
            Function2<AsyncGeneratorScope<? super T, ? extends S>, Continuation<? super Unit>, Object> coroutineOf(
                    Body<T, S> body) {
        return (scope, continuation) -> bodyOf(() -> {
            body.run(new Scope<>(scope));
            return Unit.INSTANCE;
        }).await(continuation);
    }

    @Override
    public Iterator<T> iterator() {
        return new InPlace<>(generator.iterator());
    }

    @Override
    public Future<T> anext() {
        return call(generator::anext);
    }

    @Override
    public Future<T> anext(T defaultItem) {
        return call(continuation -> generator.anext(defaultItem, continuation));
    }

    /**
     * Makes the {@code yield} at which the body waits return {@code value}; the result is the next item.
     *
     * <p>Source: {@code asend(value)}.
     *
     * @return fails with {@link IllegalArgumentException} if the body has not begun and {@code value} is not null, and otherwise
     *     as {@link #anext()} does
     */
    public Future<T> asend(@Nullable S value) {
        return call(continuation -> generator.asend(value, continuation));
    }

    /**
     * Makes the {@code yield} at which the body waits throw {@code exception}; the result is the next item.
     *
     * <p>Source: {@code athrow(exception)}.
     *
     * @return the next item, or null if the generator had already ended, which drops the exception; fails with
     *     {@link dev.simul.exceptions.StopAsyncIteration} if the body catches the exception and ends
     */
    public Future<@Nullable T> athrow(Throwable exception) {
        return call(continuation -> generator.athrow(exception, continuation));
    }

    /**
     * Closes the generator: the {@code yield} at which the body waits throws {@link dev.simul.exceptions.GeneratorExit}, and its
     * finally blocks run.
     *
     * <p>Source: {@code aclose()}.
     *
     * @return fails with {@link IllegalStateException} while another call is in progress, and if the body yields instead of
     *     ending
     */
    @Override
    public Future<@Nullable Void> aclose() {
        return callForNothing(generator::aclose);
    }

    @Override
    public Publisher<T> toPublisher() {
        return FlowPublisherKt.toPublisher(generator);
    }

    @Override
    public String toString() {
        return generator.toString();
    }

    /** The body of an asynchronous generator. */
    @FunctionalInterface
    public interface Body<T extends @Nullable Object, S> {
        /** Yields the items to {@code gen}, and may await between them. */
        void run(Scope<T, S> gen) throws Exception;
    }

    /** Where the body of an asynchronous generator yields. */
    public static final class Scope<T extends @Nullable Object, S> {
        private final AsyncGeneratorScope<T, S> scope;

        @SuppressWarnings("unchecked") // It takes a T and gives an S.
        Scope(AsyncGeneratorScope<? super T, ? extends S> scope) {
            this.scope = (AsyncGeneratorScope<T, S>) scope;
        }

        /**
         * Passes {@code item} to the task that asked for it, and waits until the next item is asked for.
         *
         * <p>It throws the exception that {@link AsyncGenerator#athrow} passes in, and {@link dev.simul.exceptions.GeneratorExit}
         * when the generator is closed: the body must end then. An exception passed in may be a checked one, although this method
         * declares none: catch {@link Exception} to handle it.
         *
         * <p>Source: {@code yield item}.
         *
         * @return the value sent by {@link AsyncGenerator#asend}, or null
         * @throws IllegalStateException if the caller is not the generator's body
         */
        public @Nullable S yield(T item) {
            return awaitHere(continuation -> scope.yield(item, continuation));
        }
    }

    static final class InPlace<T extends @Nullable Object> implements Iterator<T> {
        private final AsyncIterator<T> items;
        private boolean isAhead;

        InPlace(AsyncIterator<T> items) {
            this.items = items;
        }

        @Override
        public boolean hasNext() {
            if (!isAhead) {
                isAhead = awaitHere(items::hasNext);
            }
            return isAhead;
        }

        @Override
        public T next() {
            if (!hasNext()) {
                throw new NoSuchElementException("the generator has ended");
            }
            isAhead = false;
            return items.next();
        }
    }
}
