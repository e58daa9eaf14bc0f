// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade;

import dev.simul.generators.GeneratorKt;
import dev.simul.generators.GeneratorScope;
import dev.simul.interop.GeneratorStack;
import dev.simul.interop.GeneratorStackKt;
import java.util.Iterator;
import java.util.Locale;
import kotlin.Unit;
import kotlin.coroutines.Continuation;
import kotlin.jvm.functions.Function2;
import org.jspecify.annotations.Nullable;

/**
 * A function that can pause to yield a value, receive one, and resume; made by {@link Asyncio#generator}. It needs no loop.
 *
 * <pre>{@code
 * static Generator<Integer, Void, Void> countdown(int n) {
 *     return generator(gen -> {
 *         for (int i = n; i > 0; i--) {
 *             gen.yield(i);
 *         }
 *     });
 * }
 * }</pre>
 *
 * <p>The body has a stack of its own, in a thread that it keeps from the first value to the end: a virtual thread on JDK 24 or
 * newer, otherwise a daemon thread of a pool. It runs only while the caller of {@link #next}, {@link #send}, {@link #throwIn} or
 * {@link #close} waits for it, and with that caller's context variables and running loop. It cannot await. Each value costs two
 * thread switches, some microseconds. A generator is not thread-safe, and a monitor that its body holds when it yields stays
 * held.
 *
 * <p>As an {@link Iterable} it can be iterated once: every {@link #iterator} is the same one and continues where the last one
 * stopped. Close a generator that you leave early. A generator that is no longer reachable, not even from its own body, is closed
 * when it is collected.
 *
 * <p>Source: a generator object, {@code types.GeneratorType}.
 *
 * @param <Y> the type of the values that it yields
 * @param <S> the type of the values that it can be sent
 * @param <R> the type that its body returns
 */
public final class Generator<Y extends @Nullable Object, S, R extends @Nullable Object>
        implements Iterable<Y>, AutoCloseable {
    private final dev.simul.generators.Generator<Y, S, R> generator;
    private final Delegation delegation = new Delegation();

    Generator(ReturningBody<Y, S, R> body) {
        generator = GeneratorKt.generator(coroutineOf(body, delegation));
    }

    /** Adapts the body for the runtime. It holds no reference to the generator, so that the generator can be collected. */
    private static <Y extends @Nullable Object, S, R extends @Nullable Object>
            Function2<GeneratorScope<? super Y, ? extends S>, Continuation<? super R>, Object> coroutineOf(
                    ReturningBody<Y, S, R> body, Delegation delegation) {
        return GeneratorStackKt.onOwnStack(stack -> {
            try {
                return body.run(new Scope<>(stack, delegation));
            } catch (Exception e) {
                throw Sneaky.rethrow(e);
            }
        });
    }

    /** Adapts this for a context manager of the runtime. */
    static <Y extends @Nullable Object, S> Function2<GeneratorScope<? super Y, ? extends S>, Continuation<? super Unit>, Object>
            coroutineOf(Body<Y, S> body) {
        return coroutineOf(gen -> {
            body.run(gen);
            return Unit.INSTANCE;
        }, new Delegation());
    }

    /**
     * Runs the body up to its next value and returns that.
     *
     * <p>Source: {@code next(generator)}.
     *
     * @throws dev.simul.exceptions.StopIteration with the value that the body returned, when it ends; with null on every later
     *     call
     * @throws IllegalStateException if the body is running now, or if a {@link dev.simul.exceptions.StopIteration} escapes from
     *     it
     */
    public Y next() {
        return generator.next();
    }

    /**
     * Makes the yield at which the body waits return {@code value}, runs the body up to its next value and returns that.
     *
     * <p>Source: {@code generator.send(value)}.
     *
     * @throws dev.simul.exceptions.StopIteration as {@link #next} does
     * @throws IllegalArgumentException if the body has not begun and {@code value} is not null
     * @throws IllegalStateException as {@link #next} does
     */
    public Y send(@Nullable S value) {
        return generator.send(value);
    }

    /**
     * Throws {@code exception} at the yield where the body waits, runs the body up to its next value and returns that.
     *
     * <p>If the body has not begun or has ended, the exception is thrown back, and the generator is closed.
     *
     * <p>Source: {@code generator.throw(exception)}.
     *
     * @throws dev.simul.exceptions.StopIteration with what the body returned, if it catches the exception and ends
     * @throws IllegalStateException as {@link #next} does
     */
    public Y throwIn(Throwable exception) {
        return generator.throwIn(exception);
    }

    /** As {@link #closeAndReturn}, for {@code try}-with-resources. Source: {@code generator.close()}. */
    @Override
    public void close() {
        generator.close();
    }

    /**
     * Ends the generator by throwing a {@link dev.simul.exceptions.GeneratorExit} at the yield where the body waits, so that it
     * can clean up.
     *
     * <p>If the body has not begun, it never will; if it has ended, this does nothing. Other exceptions of the body are rethrown.
     *
     * <p>Source: {@code generator.close()}.
     *
     * @return what the body returned if it caught the exit, or null
     * @throws IllegalStateException if the body yields again, or is running now
     */
    public @Nullable R closeAndReturn() {
        return generator.close();
    }

    /** The single iterator over the remaining values; it drops the value that the body returns. */
    @Override
    public Iterator<Y> iterator() {
        return generator.iterator();
    }

    /** The state of the generator. Source: {@code inspect.getgeneratorstate(generator)}. */
    public State state() {
        return State.valueOf(generator.getState().name());
    }

    /**
     * The {@link Generator} or {@link Iterator} to which the body is delegating by {@code yieldFrom}, or null.
     *
     * <p>Source: {@code gi_yieldfrom}.
     */
    public @Nullable Object delegate() {
        return generator.getDelegate() == null ? null : delegation.target;
    }

    @Override
    public String toString() {
        return "<Generator " + state().name().toLowerCase(Locale.ROOT) + ">";
    }

    /** The state of a {@link Generator}. */
    public enum State {
        /** The body has not begun; CPython's {@code GEN_CREATED}. */
        CREATED,

        /** The body, or the generator that it delegates to, is running; CPython's {@code GEN_RUNNING}. */
        RUNNING,

        /** The body waits at a yield; CPython's {@code GEN_SUSPENDED}. */
        SUSPENDED,

        /** The body has ended, or will never begin; CPython's {@code GEN_CLOSED}. */
        CLOSED,
    }

    /** The body of a generator that returns nothing. */
    @FunctionalInterface
    public interface Body<Y extends @Nullable Object, S> {
        /** Yields values to {@code gen}. */
        void run(Scope<Y, S> gen) throws Exception;
    }

    /** The body of a generator that returns something. */
    @FunctionalInterface
    public interface ReturningBody<Y extends @Nullable Object, S, R extends @Nullable Object> {
        /**
         * Yields values to {@code gen}, and returns the result of {@code yieldFrom}, which is also the value of
         * {@link dev.simul.exceptions.StopIteration}.
         */
        R run(Scope<Y, S> gen) throws Exception;
    }

    /** Where the body of a generator yields. */
    public static final class Scope<Y extends @Nullable Object, S> {
        private final GeneratorStack<Y, S> stack;
        private final Delegation delegation;

        Scope(GeneratorStack<Y, S> stack, Delegation delegation) {
            this.stack = stack;
            this.delegation = delegation;
        }

        /**
         * Passes {@code value} to the caller, and waits until the next one is asked for.
         *
         * <p>It throws the exception that {@link Generator#throwIn} passes in, and a {@link dev.simul.exceptions.GeneratorExit}
         * when the generator is closed. An exception passed in may be a checked one, although this method declares none: catch
         * {@link Exception} to handle it.
         *
         * <p>Source: {@code yield value}.
         *
         * @return the value that the caller sent, or null if it only asked for the next one
         */
        public @Nullable S yield(Y value) {
            return stack.yield(value);
        }

        /**
         * Yields everything that {@code generator} yields, and passes it everything that is sent or thrown into this generator.
         *
         * <p>Closing this generator closes the other one first; an exception of that is thrown here in place of the
         * {@link dev.simul.exceptions.GeneratorExit}.
         *
         * <p>Source: {@code yield from generator}.
         *
         * @return what the body of {@code generator} returned; null if it had ended before
         */
        public <Q extends @Nullable Object> Q yieldFrom(Generator<Y, S, Q> generator) {
            delegation.target = generator;
            try {
                return stack.yieldFrom(generator.generator);
            } finally {
                delegation.target = null;
            }
        }

        /**
         * Yields the remaining values of an iterator.
         *
         * <p>An exception passed in is thrown here, and sending a value is refused with an {@link IllegalArgumentException},
         * since an iterator accepts neither. Closing this generator closes the iterator first, if it is {@link AutoCloseable}.
         *
         * <p>Source: {@code yield from iterator}.
         *
         * @return the value of the {@link dev.simul.exceptions.StopIteration} by which the iterator ended, or null if it ended in
         *     the usual way
         */
        public @Nullable Object yieldFrom(Iterator<Y> iterator) {
            delegation.target = iterator;
            try {
                return stack.yieldFrom(iterator);
            } finally {
                delegation.target = null;
            }
        }

        /** Yields everything in {@code iterable}; the same as {@code yieldFrom(iterable.iterator())}. */
        public @Nullable Object yieldFrom(Iterable<Y> iterable) {
            return yieldFrom(iterable.iterator());
        }
    }

    private static final class Delegation {
        @Nullable Object target;
    }
}
