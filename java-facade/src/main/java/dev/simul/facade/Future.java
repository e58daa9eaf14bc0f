// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade;

import dev.simul.ShieldKt;
import dev.simul.WrapFutureKt;
import dev.simul.bodies.Call;
import dev.simul.bodies.CallListener;
import dev.simul.exceptions.InvalidStateException;
import dev.simul.interop.JavaFactory;
import dev.simul.interop.JavaTime;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.Supplier;
import kotlin.Unit;
import kotlin.jvm.functions.Function1;
import org.jspecify.annotations.Nullable;

import static dev.simul.interop.Bodies.awaitInBody;
import static dev.simul.interop.Bodies.callInBody;
import static dev.simul.interop.Bodies.timeoutInBody;
import static dev.simul.interop.Calls.isAtHand;

/**
 * A result that is not available yet: returned by the calls of {@link Asyncio}, or created by {@link Asyncio#createFuture}.
 *
 * <p>A call that is awaited at once, before any other call of the body, runs in place, without a task or a turn of its own. Other
 * calls start as tasks, in the order in which they were made.
 *
 * <p>In a body {@link #await}, {@link #get} and {@link #join} are the same, and only the caller's task waits. In another thread
 * they block that thread. On the loop's own thread outside a body they would freeze the loop, so they fail at once. Dependent
 * stages, such as {@link #thenApply}'s, are completed in a turn of their own; in a body await them by
 * {@link Asyncio#await(java.util.concurrent.CompletionStage)}, since their own {@code join} would block the loop.
 *
 * <p>Only the call itself completes the future that it returned: {@code complete}, {@code orTimeout} and similar methods throw.
 * On a future created by {@code createFuture} they may be called from any thread. {@code state} of newer JDKs reports the outcome
 * one turn later than {@link #isDone}.
 *
 * <p>Source: {@code asyncio.Future}.
 */
public class Future<T extends @Nullable Object> extends CompletableFuture<T> {
    static {
        JavaFactory.register(new Factory());
    }

    private final Call<T> call;
    private final dev.simul.loop.EventLoop loop;
    private final dev.simul.@Nullable Future<T> delegate;
    private final @Nullable Promise<T> promise;

    /** The future of a call. */
    Future(Call<T> call) {
        this(call, call.getLoop(), null, null);
    }

    /** The future of work that has already begun. */
    Future(dev.simul.Future<T> delegate) {
        this(callInBody(delegate), delegate.getLoop(), delegate, null);
    }

    /** A future that anyone may complete through {@code promise}. */
    private Future(dev.simul.Future<T> delegate, Promise<T> promise) {
        this(callInBody(delegate), delegate.getLoop(), delegate, promise);
    }

    private Future(
            Call<T> call,
            dev.simul.loop.EventLoop loop,
            dev.simul.@Nullable Future<T> delegate,
            @Nullable Promise<T> promise) {
        this.call = call;
        this.loop = loop;
        this.delegate = delegate;
        this.promise = promise;
        if (Place.of(loop) == Place.ON_LOOP || loop.isClosed()) {
            call.whenDone(new Settle<>(this));
        } else {
            inLoop(() -> call.whenDone(new Settle<>(this)));
        }
    }

    static <T extends @Nullable Object> Future<T> of(dev.simul.Future<T> delegate) {
        return delegate instanceof dev.simul.Task<T> task ? Task.of(task) : new Future<>(delegate);
    }

    static <T extends @Nullable Object> Future<T> createdBy(dev.simul.loop.EventLoop loop) {
        dev.simul.Future<T> delegate = new dev.simul.Future<>(loop);
        return new Future<>(delegate, new Promise<>(delegate));
    }

    /** Passes on the outcome of the call. */
    private record Settle<T extends @Nullable Object>(Future<T> future) implements CallListener<T> {
        @Override
        public boolean isWatched() {
            return future.getNumberOfDependents() > 0;
        }

        @Override
        public void done(@Nullable T result, @Nullable Throwable failure) {
            future.settle(result, failure);
        }
    }

    private void settle(@Nullable T result, @Nullable Throwable failure) {
        if (failure == null) {
            super.complete(result);
        } else {
            if (getNumberOfDependents() > 0) {
                call.observe();
            }
            super.completeExceptionally(failure);
        }
    }

    /**
     * Runs {@code action} in the loop: at once if this is the loop's thread, or if the loop is closed and nothing changes any
     * longer.
     */
    private void inLoop(Runnable action) {
        if (Place.of(loop) == Place.ON_LOOP || loop.isClosed()) {
            action.run();
        } else {
            loop.callSoonThreadsafe(null, new RunnableFunction(action));
        }
    }

    /** Whether the call has begun; a call that was made while the loop does not run begins when the loop does. */
    boolean hasBegun() {
        return delegate != null || call.begun();
    }

    /** The runtime's future behind this one, after starting the call. */
    dev.simul.Future<T> started() {
        return delegate == null ? call.start() : delegate;
    }

    /** The loop that this future belongs to. Source: {@code Future.get_loop()}. */
    public EventLoop getLoop() {
        return EventLoop.of(loop);
    }

    /**
     * Waits for the result and returns it, or throws the exception itself, unwrapped, even if it is a checked one.
     *
     * <p>Cancelling the task that waits cancels what it waits for.
     *
     * <p>Source: {@code await}.
     *
     * @throws java.util.concurrent.CancellationException if this, or the waiting task, is cancelled
     * @throws IllegalStateException on the loop's own thread outside a body
     */
    public T await() {
        return switch (Place.of(loop)) {
            case ON_LOOP, IN_ABANDONED_BODY -> call.await();
            case ON_OTHER_LOOP -> awaitInBody(fromAfar());
            case OFF_LOOPS -> joinUnwrapped();
        };
    }

    private T joinUnwrapped() {
        call.observe();
        try {
            return super.join();
        } catch (CancellationException e) {
            throw withoutWrapper(e);
        } catch (CompletionException e) {
            throw Sneaky.rethrow(e.getCause() == null ? e : e.getCause());
        }
    }

    /** Newer JDKs wrap the body's exception in one of their own, which names their method. */
    private static CancellationException withoutWrapper(CancellationException thrown) {
        return thrown.getCause() instanceof CancellationException cause ? cause : thrown;
    }

    /** A future of another loop, which runs in this thread, that follows this future. */
    private dev.simul.Future<T> fromAfar() {
        return WrapFutureKt.wrapFuture((CompletionStage<T>) this, null);
    }

    /**
     * As {@link #await}; in a thread that runs no loop, as {@link CompletableFuture} does.
     *
     * @throws ExecutionException in such a thread only
     */
    @Override
    public T get() throws InterruptedException, ExecutionException {
        if (Place.of(loop) != Place.OFF_LOOPS) {
            return await();
        }
        call.observe();
        try {
            return super.get();
        } catch (CancellationException e) {
            throw withoutWrapper(e);
        }
    }

    /**
     * As {@link #get()}, with a time limit for the wait; the call itself continues.
     *
     * @throws TimeoutException if the time has passed
     */
    @Override
    public T get(long timeout, TimeUnit unit)
            throws InterruptedException, ExecutionException, TimeoutException {
        var limit = Duration.ofNanos(unit.toNanos(timeout));
        return switch (Place.of(loop)) {
            case ON_LOOP, IN_ABANDONED_BODY -> call.await(limit);
            case ON_OTHER_LOOP -> timeoutInBody(limit, () -> awaitInBody(ShieldKt.shield(fromAfar())));
            case OFF_LOOPS -> {
                call.observe();
                try {
                    yield super.get(timeout, unit);
                } catch (CancellationException e) {
                    throw withoutWrapper(e);
                }
            }
        };
    }

    /** As {@link #await}; in a thread that runs no loop, as {@link CompletableFuture} does. */
    @Override
    public T join() {
        if (Place.of(loop) != Place.OFF_LOOPS) {
            return await();
        }
        call.observe();
        try {
            return super.join();
        } catch (CancellationException e) {
            throw withoutWrapper(e);
        }
    }

    /**
     * The result; throws the exception instead, as {@link #await} does.
     *
     * <p>Source: {@code Future.result()}.
     *
     * @throws java.util.concurrent.CancellationException if this was cancelled
     * @throws InvalidStateException if this is not done
     */
    public T result() {
        requireDone();
        return isHere() ? started().result() : joinUnwrapped();
    }

    /**
     * The exception of the call, or null if it has a result.
     *
     * <p>Source: {@code Future.exception()}.
     *
     * @throws java.util.concurrent.CancellationException if this was cancelled
     * @throws InvalidStateException if this is not done
     */
    public @Nullable Throwable exception() {
        requireDone();
        if (isHere()) {
            return started().exception();
        }
        call.observe();
        try {
            super.join();
            return null;
        } catch (CancellationException e) {
            throw withoutWrapper(e);
        } catch (CompletionException e) {
            return e.getCause();
        }
    }

    /**
     * As {@link #result}, but fails if there is no result. Newer JDKs have it for all futures.
     *
     * @throws IllegalStateException if this has no result
     */
    public T resultNow() {
        requireDone();
        if (isCompletedExceptionally()) {
            throw new IllegalStateException(this + " has no result: ask for its exception()");
        }
        return result();
    }

    /**
     * As {@link #exception}. Newer JDKs have it for all futures.
     *
     * @throws IllegalStateException if this has no exception, also if it was cancelled
     */
    public Throwable exceptionNow() {
        requireDone();
        if (isCancelled() || !isCompletedExceptionally()) {
            throw new IllegalStateException(this + " has no exception: ask for its result()");
        }
        return Objects.requireNonNull(exception());
    }

    private void requireDone() {
        if (!isDone()) {
            throw new InvalidStateException(this + " is not done: await it first");
        }
    }

    /** The result if there is one, or else {@code valueIfAbsent}; throws the exception if this has failed. */
    @Override
    public T getNow(T valueIfAbsent) {
        if (!isHere()) {
            call.observe();
            return super.getNow(valueIfAbsent);
        }
        return call.done() ? started().result() : valueIfAbsent;
    }

    /**
     * Asks the call to stop: a {@link java.util.concurrent.CancellationException} is thrown once, at its current await. The call
     * may catch it and continue.
     *
     * <p>From a thread that neither runs the loop nor was the last to run it, this always returns true, at once.
     *
     * <p>Source: {@code Task.cancel(msg=None)}.
     *
     * @param message the exception's message
     * @return false if this is already done
     */
    public boolean cancel(@Nullable String message) {
        return call.cancel(message);
    }

    /** As {@link #cancel(String)}, without a message. */
    public boolean cancel() {
        return cancel(null);
    }

    /** As {@link #cancel()}; nothing is interrupted. */
    @Override
    public boolean cancel(boolean mayInterruptIfRunning) {
        return cancel(null);
    }

    /** Whether there is a result, an exception or a cancellation. Source: {@code Future.done()}. */
    public boolean done() {
        return isDone();
    }

    /** As {@link #done}. */
    @Override
    public boolean isDone() {
        return isHere() ? call.done() : super.isDone();
    }

    /** Whether this was cancelled. Source: {@code Future.cancelled()}. */
    public boolean cancelled() {
        return isCancelled();
    }

    /** As {@link #cancelled}. */
    @Override
    public boolean isCancelled() {
        return isHere() ? call.cancelled() : super.isCancelled();
    }

    /** Whether this was cancelled or has failed. */
    @Override
    public boolean isCompletedExceptionally() {
        return isHere() ? call.failed() : super.isCompletedExceptionally();
    }

    /**
     * Adds a callback, which the loop calls in a turn of its own when this is done; callbacks run in the order in which they were
     * added.
     *
     * <p>A callback cannot await. Its exceptions go to the loop's exception handler. This may be called from any thread.
     *
     * <p>Source: {@code Future.add_done_callback(callback)}.
     */
    public void addDoneCallback(Runnable callback) {
        add(null, new RunnableCallback<>(callback));
    }

    /** As {@link #addDoneCallback(Runnable)}; the callback receives this future. */
    public void addDoneCallback(Consumer<? super Future<T>> callback) {
        add(null, new ConsumerCallback<>(this, callback));
    }

    /**
     * As {@link #addDoneCallback(Runnable)}, in {@code context} instead of a copy of the current one.
     *
     * <p>Source: {@code Future.add_done_callback(callback, context=context)}.
     */
    public void addDoneCallback(Context context, Consumer<? super Future<T>> callback) {
        add(context, new ConsumerCallback<>(this, callback));
    }

    private void add(@Nullable Context context, Function1<dev.simul.Future<T>, Unit> callback) {
        inLoop(() -> started().addDoneCallback(Context.delegateOf(context), callback));
    }

    /**
     * Removes a callback that has not been called yet, as often as it was added. May be called only in the loop's thread.
     *
     * <p>Source: {@code Future.remove_done_callback(callback)}.
     *
     * @return how many entries were removed
     */
    public int removeDoneCallback(Runnable callback) {
        return started().removeDoneCallback(new RunnableCallback<>(callback));
    }

    /** As {@link #removeDoneCallback(Runnable)}. */
    public int removeDoneCallback(Consumer<? super Future<T>> callback) {
        return started().removeDoneCallback(new ConsumerCallback<>(this, callback));
    }

    private record RunnableCallback<T extends @Nullable Object>(Runnable callback)
            implements Function1<dev.simul.Future<T>, Unit> {
        @Override
        public Unit invoke(dev.simul.Future<T> done) {
            callback.run();
            return Unit.INSTANCE;
        }

        @Override
        public String toString() {
            return callback.toString();
        }
    }

    private record ConsumerCallback<T extends @Nullable Object>(Future<T> future, Consumer<? super Future<T>> callback)
            implements Function1<dev.simul.Future<T>, Unit> {
        @Override
        public Unit invoke(dev.simul.Future<T> done) {
            callback.accept(future);
            return Unit.INSTANCE;
        }

        @Override
        public String toString() {
            return callback.toString();
        }
    }

    /** A dependent stage: a plain one, not bound to a loop. */
    @Override
    public <U extends @Nullable Object> CompletableFuture<U> newIncompleteFuture() {
        call.observe();
        return new CompletableFuture<>();
    }

    // Completion, from outside, of what no call completes.

    /**
     * Completes a future made by {@link Asyncio#createFuture} with a result.
     *
     * <p>Source: {@code Future.set_result(result)}.
     *
     * @throws InvalidStateException if this is already done, even if it was cancelled
     * @throws UnsupportedOperationException if this belongs to a call or a task
     */
    public void setResult(T value) {
        if (!complete(value)) {
            throw new InvalidStateException(this + " is done already");
        }
    }

    /**
     * Completes a future made by {@link Asyncio#createFuture} with a failure.
     *
     * <p>Source: {@code Future.set_exception(exception)}.
     *
     * @throws InvalidStateException if this is already done, even if it was cancelled
     * @throws UnsupportedOperationException if this belongs to a call or a task
     */
    public void setException(Throwable exception) {
        if (!completeExceptionally(exception)) {
            throw new InvalidStateException(this + " is done already");
        }
    }

    /**
     * As {@link #setResult}, unless this is already done. From another thread than the loop's, the loop completes it in a later
     * turn.
     *
     * @throws UnsupportedOperationException if this belongs to a call or a task
     */
    @Override
    public boolean complete(T value) {
        return promise().keep(delegate -> delegate.setResult(value), () -> super.complete(value));
    }

    /**
     * As {@link #setException}, unless this is already done; a {@link CancellationException} cancels this. From another thread
     * than the loop's, the loop completes it in a later turn.
     *
     * @throws UnsupportedOperationException if this belongs to a call or a task
     */
    @Override
    public boolean completeExceptionally(Throwable exception) {
        Runnable afterTheLoop = () -> super.completeExceptionally(exception);
        return exception instanceof CancellationException
                ? promise().keep(delegate -> delegate.cancel(exception.getMessage()), afterTheLoop)
                : promise().keep(delegate -> delegate.setException(exception), afterTheLoop);
    }

    /** As {@link #complete}, with a value that another thread supplies. */
    @Override
    public CompletableFuture<T> completeAsync(Supplier<? extends T> supplier) {
        return completeAsync(supplier, defaultExecutor());
    }

    /** As {@link #complete}, with a value that {@code executor} has supplied. */
    @Override
    public CompletableFuture<T> completeAsync(Supplier<? extends T> supplier, Executor executor) {
        promise();
        executor.execute(() -> {
            try {
                complete(supplier.get());
            } catch (Throwable e) {
                completeExceptionally(e);
            }
        });
        return this;
    }

    /**
     * As {@link #complete}, after that time on the loop's clock, or on the machine's clock if the loop is closed.
     *
     * @throws UnsupportedOperationException if this belongs to a call or a task: use {@link Asyncio#waitFor} for those
     */
    @Override
    public CompletableFuture<T> completeOnTimeout(T value, long timeout, TimeUnit unit) {
        promiseOr("use waitFor(future, delay), and catch its TimeoutException");
        if (loop.isClosed()) {
            return super.completeOnTimeout(value, timeout, unit);
        }
        unlessDoneIn(timeout, unit, () -> complete(value));
        return this;
    }

    /**
     * Fails this with a {@link TimeoutException} after that time on the loop's clock, or on the machine's clock if the loop is
     * closed.
     *
     * @throws UnsupportedOperationException if this belongs to a call or a task: use {@link Asyncio#waitFor} and
     *     {@link Asyncio#timeout} for those
     */
    @Override
    public CompletableFuture<T> orTimeout(long timeout, TimeUnit unit) {
        promiseOr("use waitFor(future, delay) or timeout(delay, body)");
        if (loop.isClosed()) {
            return super.orTimeout(timeout, unit);
        }
        unlessDoneIn(timeout, unit, () -> completeExceptionally(new TimeoutException()));
        return this;
    }

    /** Calls {@code late} in the loop after that time, unless this is done by then. */
    private void unlessDoneIn(long timeout, TimeUnit unit, Runnable late) {
        inLoop(() -> {
            if (!call.done()) {
                var delay = Duration.ofNanos(unit.toNanos(timeout));
                var timer = JavaTime.callLater(loop, delay, null, new RunnableFunction(late));
                addDoneCallback(timer::cancel);
            }
        });
    }

    /** Always throws: a result is final. */
    @Override
    public void obtrudeValue(T value) {
        throw resultIsFinal();
    }

    /** Always throws: a result is final. */
    @Override
    public void obtrudeException(Throwable exception) {
        throw resultIsFinal();
    }

    private UnsupportedOperationException resultIsFinal() {
        return new UnsupportedOperationException("the result of " + this + " is final: use a new future for another one");
    }

    private Promise<T> promise() {
        return promiseOr("use createFuture() for one that you complete, or cancel() to end this one");
    }

    private Promise<T> promiseOr(String remedy) {
        if (promise == null) {
            throw new UnsupportedOperationException("only its call completes " + this + ": " + remedy);
        }
        return promise;
    }

    @Override
    public String toString() {
        return delegate == null ? call.toString() : delegate.toString();
    }

    /**
     * Whether this thread may read the call's own state: the loop's thread, or the last one that ran it. The call does not see a
     * completion after its loop has closed.
     */
    private boolean isHere() {
        return isAtHand(loop) && (!loop.isClosed() || call.done());
    }
}
