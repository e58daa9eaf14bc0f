// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade;

import dev.simul.ShieldKt;
import dev.simul.WrapFutureKt;
import dev.simul.bodies.Call;
import dev.simul.bodies.CallListener;
import dev.simul.exceptions.InvalidStateException;
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
 * A result that is not there yet: what a call of {@link Asyncio} returns, or {@link Asyncio#createFuture} makes.
 *
 * <p>A call that is awaited at once, before any other call of the body, runs in place, without a task and without a turn of its
 * own. Otherwise it starts as a task, in the order of the calls.
 *
 * <p>In a body {@link #await}, {@link #get} and {@link #join} are the same, and no task but the caller's waits. In another thread
 * they block it. On the loop's own thread outside a body they would freeze the loop, and fail at once. Stages that depend on
 * this, such as {@link #thenApply}'s, are completed in a turn of their own; in a body await them by
 * {@link Asyncio#await(java.util.concurrent.CompletionStage)}, since their own {@code join} knows of no loop.
 *
 * <p>Only its call completes what a call returned: there {@code complete}, {@code orTimeout} and similar methods are refused.
 * Those of a future made by {@code createFuture} may be called from any thread. {@code state}, which newer JDKs have, knows of
 * the outcome one turn later than {@link #isDone}.
 *
 * <p>Source: {@code asyncio.Future}.
 */
public class Future<T extends @Nullable Object> extends CompletableFuture<T> {
    private final Call<T> call;
    private final dev.simul.loop.EventLoop loop;
    private final dev.simul.@Nullable Future<T> delegate;
    private final @Nullable Promise<T> promise;

    /** Of a call that has been made. */
    Future(Call<T> call) {
        this(call, call.getLoop(), null, null);
    }

    /** Of what has begun already. */
    Future(dev.simul.Future<T> delegate) {
        this(callInBody(delegate), delegate.getLoop(), delegate, null);
    }

    /** Of what anybody may complete, by {@code promise}. */
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

    /** Passes the outcome of the call on. */
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

    /** Runs {@code action} in the loop: at once in its thread, and once it is closed, when nothing changes now. */
    private void inLoop(Runnable action) {
        if (Place.of(loop) == Place.ON_LOOP || loop.isClosed()) {
            action.run();
        } else {
            loop.callSoonThreadsafe(null, new RunnableFunction(action));
        }
    }

    /** Whether it has begun; what was called beside a loop that does not run begins with it. */
    boolean hasBegun() {
        return delegate != null || call.begun();
    }

    /** What this stands for in the runtime, begun. */
    dev.simul.Future<T> started() {
        return delegate == null ? call.start() : delegate;
    }

    /** The loop that this belongs to. Source: {@code Future.get_loop()}. */
    public EventLoop getLoop() {
        return EventLoop.of(loop);
    }

    /**
     * Waits until there is a result, and returns it or throws what was thrown instead: that very exception, checked ones too.
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

    /** Newer JDKs throw one of their own, which names their method, around the one that the body has thrown. */
    private static CancellationException withoutWrapper(CancellationException thrown) {
        return thrown.getCause() instanceof CancellationException cause ? cause : thrown;
    }

    /** A future of another loop, which runs in this thread, that follows this. */
    private dev.simul.Future<T> fromAfar() {
        return WrapFutureKt.wrapFuture((CompletionStage<T>) this, null);
    }

    /**
     * As {@link #await}; in a thread that runs no loop, as any {@link CompletableFuture}'s.
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
     * As {@link #get()}, but waits no longer than that; the call itself goes on.
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

    /** As {@link #await}; in a thread that runs no loop, as any {@link CompletableFuture}'s. */
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
     * The result; throws what was thrown instead, as {@link #await} does.
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
     * The exception that this ended with, or null if it has a result.
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
     * As {@link #result}, which tells how this has ended otherwise. Newer JDKs have it for all futures.
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

    /** The result if there is one, or else {@code valueIfAbsent}; throws what was thrown instead. */
    @Override
    public T getNow(T valueIfAbsent) {
        if (!isHere()) {
            call.observe();
            return super.getNow(valueIfAbsent);
        }
        return call.done() ? started().result() : valueIfAbsent;
    }

    /**
     * Asks the call to stop: a {@link java.util.concurrent.CancellationException} is thrown once, at its current await. It
     * may be caught there, and the call may go on.
     *
     * <p>From a thread that neither runs the loop nor was the last to run it, this returns at once, and true.
     *
     * <p>Source: {@code Task.cancel(msg=None)}.
     *
     * @param message the exception's message
     * @return false if this is done already
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
     * Has {@code callback} called when this is done, in a turn of its own; callbacks are called in the order of adding.
     *
     * <p>A callback cannot await. Its exceptions go to the loop's exception handler. May be called from any thread.
     *
     * <p>Source: {@code Future.add_done_callback(callback)}.
     */
    public void addDoneCallback(Runnable callback) {
        add(null, new RunnableCallback<>(callback));
    }

    /** As {@link #addDoneCallback(Runnable)}; the callback is given this. */
    public void addDoneCallback(Consumer<? super Future<T>> callback) {
        add(null, new ConsumerCallback<>(this, callback));
    }

    /**
     * As {@link #addDoneCallback(Runnable)}, with these context variables instead of a copy of the current ones.
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
     * Removes every entry of a callback that was added and not called yet; in the loop's thread only.
     *
     * <p>Source: {@code Future.remove_done_callback(callback)}.
     *
     * @return how many were removed
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

    /** A stage that depends on this: a plain one, not bound to a loop. */
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
     * @throws InvalidStateException if this is done already, also if it was cancelled
     * @throws UnsupportedOperationException if this is a call's or a task's
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
     * @throws InvalidStateException if this is done already, also if it was cancelled
     * @throws UnsupportedOperationException if this is a call's or a task's
     */
    public void setException(Throwable exception) {
        if (!completeExceptionally(exception)) {
            throw new InvalidStateException(this + " is done already");
        }
    }

    /**
     * As {@link #setResult}, unless this is done already. In another thread than the loop's, it is done when the loop comes to
     * it.
     *
     * @throws UnsupportedOperationException if this is a call's or a task's
     */
    @Override
    public boolean complete(T value) {
        return promise().keep(delegate -> delegate.setResult(value), () -> super.complete(value));
    }

    /**
     * As {@link #setException}, unless this is done already; a {@link CancellationException} cancels this. In another thread
     * than the loop's, it is done when the loop comes to it.
     *
     * @throws UnsupportedOperationException if this is a call's or a task's
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
     * As {@link #complete}, when that time has passed on the loop's clock; on the machine's if the loop is closed.
     *
     * @throws UnsupportedOperationException if this is a call's or a task's: for those there is {@link Asyncio#waitFor}
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
     * Fails this with a {@link TimeoutException} when that time has passed on the loop's clock; on the machine's if the loop is
     * closed.
     *
     * @throws UnsupportedOperationException if this is a call's or a task's: for those there are {@link Asyncio#waitFor} and
     *     {@link Asyncio#timeout}
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

    /** Calls {@code late} in the loop when that time has passed, unless this is done by then. */
    private void unlessDoneIn(long timeout, TimeUnit unit, Runnable late) {
        inLoop(() -> {
            if (!call.done()) {
                var delay = Duration.ofNanos(unit.toNanos(timeout));
                var timer = JavaTime.callLater(loop, delay, null, new RunnableFunction(late));
                addDoneCallback(timer::cancel);
            }
        });
    }

    /** Always refused: a result is final. */
    @Override
    public void obtrudeValue(T value) {
        throw resultIsFinal();
    }

    /** Always refused: a result is final. */
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
     * Whether this thread may ask the call itself how it is: also in the thread that ran the loop last. The call knows nothing of
     * what was completed after its loop.
     */
    private boolean isHere() {
        return isAtHand(loop) && (!loop.isClosed() || call.done());
    }
}
