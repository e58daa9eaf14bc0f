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
 * A function that can stop half-way to hand out a value, take one, and go on; made by {@link Asyncio#generator}. It needs no
 * loop.
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
 * <p>The body has a stack of its own, in a thread that is there from the first value to the end: a virtual one from JDK 24 on,
 * else one from a pool of daemons. It runs only while the caller of {@link #next}, {@link #send}, {@link #throwIn} or
 * {@link #close} waits for it, and with that caller's context variables and running loop. It cannot await. A value
 * costs two hand-overs between threads, some microseconds. A generator is not for use from several threads at once, and a
 * monitor that its body holds when it yields stays held.
 *
 * <p>As an {@link Iterable} it can be iterated once: every {@link #iterator} is the same one and goes on where the last left
 * off. Close one that you leave early. One that nobody refers to, its own body neither, is closed when it is collected.
 *
 * <p>Source: a generator object, {@code types.GeneratorType}.
 *
 * @param <Y> what it yields
 * @param <S> what it may be sent
 * @param <R> what its body returns
 */
public final class Generator<Y extends @Nullable Object, S, R extends @Nullable Object>
        implements Iterable<Y>, AutoCloseable {
    private final dev.simul.generators.Generator<Y, S, R> generator;
    private final Delegation delegation = new Delegation();

    Generator(ReturningBody<Y, S, R> body) {
        generator = GeneratorKt.generator(coroutineOf(body, delegation));
    }

    /** The body as the runtime takes it. It does not refer to a generator, which could not be collected then. */
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

    /** As a context manager of the runtime takes it. */
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
     * @throws dev.simul.exceptions.StopIteration with what the body returned, once it has ended; with null every time after
     * @throws IllegalStateException if the body is running now, or if a {@link dev.simul.exceptions.StopIteration} escapes from it
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
     * Ends the generator by throwing a {@link dev.simul.exceptions.GeneratorExit} at the yield where the body waits, so that it can clean up.
     *
     * <p>Does nothing if the body has not begun, which it then never will, or has ended. What else the body throws is thrown on.
     *
     * <p>Source: {@code generator.close()}.
     *
     * @return what the body returned if it caught the exit, or null
     * @throws IllegalStateException if the body yields again, or is running now
     */
    public @Nullable R closeAndReturn() {
        return generator.close();
    }

    /** The one iterator over the values that are left; it drops what the body returns. */
    @Override
    public Iterator<Y> iterator() {
        return generator.iterator();
    }

    /** Where the generator is in its life. Source: {@code inspect.getgeneratorstate(generator)}. */
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

    /** Where a {@link Generator} is in its life. */
    public enum State {
        /** The body has not begun; CPython's {@code GEN_CREATED}. */
        CREATED,

        /** The body is running now, or what it delegates to is; CPython's {@code GEN_RUNNING}. */
        RUNNING,

        /** The body waits at a yield; CPython's {@code GEN_SUSPENDED}. */
        SUSPENDED,

        /** The body has ended, or never will begin; CPython's {@code GEN_CLOSED}. */
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
        /** Yields values to {@code gen}, and returns what {@code yieldFrom} gives and {@link dev.simul.exceptions.StopIteration} holds. */
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
         * Hands {@code value} to the caller and waits to be asked for the next one.
         *
         * <p>It throws what {@link Generator#throwIn} throws in, and a {@link dev.simul.exceptions.GeneratorExit} when the generator is closed.
         * What is thrown in may be checked, though this declares nothing: catch {@link Exception} for it.
         *
         * <p>Source: {@code yield value}.
         *
         * @return what the caller sent, or null if it only asked for the next value
         */
        public @Nullable S yield(Y value) {
            return stack.yield(value);
        }

        /**
         * Yields everything that {@code generator} yields, and hands it everything that is sent or thrown in here.
         *
         * <p>Closing this generator closes the other one first; what that throws is thrown here in place of the
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
         * Yields everything that an iterator has left.
         *
         * <p>What is thrown in is thrown here, and sending a value is refused here with an {@link IllegalArgumentException}, since
         * an iterator can do nothing with either. Closing this generator closes the iterator first, if it is {@link AutoCloseable}.
         *
         * <p>Source: {@code yield from iterator}.
         *
         * @return the value of the {@link dev.simul.exceptions.StopIteration} by which the iterator ended, or null if it ended in the usual way
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
