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
 * <p>Nothing of its body runs until the first item is asked for. The body runs as a part of the task that asks, and with its
 * context variables; cancelling that task throws at the body's current await. All who drive it have to be on one loop.
 *
 * <p>It is closed when its body ends and by {@link #aclose}; see {@link AsyncIterable} for the rest. One that nobody refers
 * to, its own body neither, is closed when it is collected.
 *
 * <p>Source: an asynchronous generator, {@code types.AsyncGeneratorType}.
 *
 * @param <T> what it yields
 * @param <S> what it may be sent; who sends nothing takes it for an {@link AsyncIterable}, which does not name this
 */
public final class AsyncGenerator<T extends @Nullable Object, S> implements AsyncIterable<T> {
    private final dev.simul.generators.AsyncGenerator<T, S> generator;

    AsyncGenerator(Body<T, S> body) {
        this(AsyncGeneratorKt.asyncGeneratorReceiving(coroutineOf(body)));
    }

    AsyncGenerator(dev.simul.generators.AsyncGenerator<T, S> generator) {
        this.generator = generator;
    }

    /** The body as the runtime takes it. */
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
     * Makes the {@code yield} at which the body waits return {@code value}, and has the next item.
     *
     * <p>Source: {@code asend(value)}.
     *
     * @return fails with {@link IllegalArgumentException} if the body has not begun and {@code value} is not null, and besides
     *     as {@link #anext()} does
     */
    public Future<T> asend(@Nullable S value) {
        return call(continuation -> generator.asend(value, continuation));
    }

    /**
     * Makes the {@code yield} at which the body waits throw {@code exception}, and has the next item.
     *
     * <p>Source: {@code athrow(exception)}.
     *
     * @return the next item, or null if the generator has ended before: the exception is dropped then; fails with
     *     {@link dev.simul.exceptions.StopAsyncIteration} if the body catches the exception and ends
     */
    public Future<@Nullable T> athrow(Throwable exception) {
        return call(continuation -> generator.athrow(exception, continuation));
    }

    /**
     * Closes the generator: the {@code yield} at which the body waits throws {@link dev.simul.exceptions.GeneratorExit}, and its finally
     * blocks run.
     *
     * <p>Source: {@code aclose()}.
     *
     * @return fails with {@link IllegalStateException} while another call is under way, and if the body yields instead of ending
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
        /** Yields the items to {@code gen}, and awaits what it likes in between. */
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
         * Hands {@code item} to whoever asked for it, and waits to be asked again.
         *
         * <p>It throws what was thrown in by {@link AsyncGenerator#athrow}, and {@link dev.simul.exceptions.GeneratorExit} when the generator
         * is closed: the body has to end then. What is thrown in may be checked, though this declares nothing: catch
         * {@link Exception} for it.
         *
         * <p>Source: {@code yield item}.
         *
         * @return what was sent by {@link AsyncGenerator#asend}, or null
         * @throws IllegalStateException if the caller is not the generator's body
         */
        public @Nullable S yield(T item) {
            return awaitHere(continuation -> scope.yield(item, continuation));
        }
    }

    private static final class InPlace<T extends @Nullable Object> implements Iterator<T> {
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
