package dev.simul.facade;

import dev.simul.bodies.Call;
import dev.simul.loop.RunningLoopKt;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What a call of {@link Asyncio} returns: a result that is not there yet.
 *
 * <p>Awaited at once, before any other call of the body, the call runs in place, without a task and without a turn of its
 * own. Otherwise it starts as a task, in the order of the calls.
 *
 * <p>In a body {@link #await}, {@link #get} and {@link #join} are the same, and no task but the caller's waits. In another
 * thread they block it. On the loop's own thread outside a body they would freeze the loop, and fail at once. Stages that
 * depend on this, such as {@link #thenApply}'s, are completed in a turn of their own; in a body await them by
 * {@link Asyncio#await}, since their own {@code join} knows of no loop.
 *
 * <p>Only its call completes it: {@code complete} and its like are refused.
 *
 * <p>CPython name: {@code asyncio.Future}.
 */
public class Future<T extends @Nullable Object> extends CompletableFuture<T> {
    private final Call<T> call;

    Future(Call<T> call) {
        this.call = call;
        call.whenDone(this::settle);
    }

    private void settle(@Nullable T result, @Nullable Throwable failure) {
        if (failure == null) {
            super.complete(result);
        } else {
            super.completeExceptionally(failure);
        }
    }

    /** What this stands for in the runtime, begun. */
    dev.simul.Future<T> started() {
        return call.start();
    }

    /**
     * Waits until there is a result, and returns it or throws what was thrown instead: that very exception, checked ones too.
     *
     * <p>Cancelling the task that waits cancels what it waits for.
     *
     * <p>CPython name: {@code await}.
     *
     * @throws java.util.concurrent.CancellationException if this, or the waiting task, is cancelled
     * @throws IllegalStateException on the loop's own thread outside a body
     */
    public T await() {
        if (isOnLoop()) {
            return call.await();
        }
        try {
            return join();
        } catch (CompletionException e) {
            throw Sneaky.rethrow(e.getCause() == null ? e : e.getCause());
        }
    }

    /**
     * As {@link #await}; in a thread that runs no loop, as any {@link CompletableFuture}'s.
     *
     * @throws ExecutionException in such a thread only
     */
    @Override
    public T get() throws InterruptedException, ExecutionException {
        if (isOnLoop()) {
            return call.await();
        }
        call.observe();
        return super.get();
    }

    /**
     * As {@link #get()}, but waits no longer than that; the call itself goes on.
     *
     * @throws java.util.concurrent.TimeoutException if the time has passed
     */
    @Override
    public T get(long timeout, TimeUnit unit)
            throws InterruptedException, ExecutionException, java.util.concurrent.TimeoutException {
        if (isOnLoop()) {
            return call.await(java.time.Duration.ofNanos(unit.toNanos(timeout)));
        }
        call.observe();
        return super.get(timeout, unit);
    }

    /** As {@link #await}; in a thread that runs no loop, as any {@link CompletableFuture}'s. */
    @Override
    public T join() {
        if (isOnLoop()) {
            return call.await();
        }
        call.observe();
        return super.join();
    }

    /** The result if there is one, or else {@code valueIfAbsent}; throws what was thrown instead. */
    @Override
    public T getNow(T valueIfAbsent) {
        if (!isOnLoop()) {
            call.observe();
            return super.getNow(valueIfAbsent);
        }
        return call.done() ? call.start().result() : valueIfAbsent;
    }

    /**
     * Asks the call to stop: a {@link java.util.concurrent.CancellationException} is thrown once, at its current await. It
     * may be caught there, and the call may go on.
     *
     * <p>From a thread that runs no loop this returns at once, and true.
     *
     * <p>CPython name: {@code Task.cancel(msg=None)}.
     *
     * @param message the exception's message
     * @return false if this is done already
     */
    public boolean cancel(@Nullable String message) {
        return call.cancel(message);
    }

    /** As {@link #cancel(String)}, without a message; nothing is interrupted. */
    @Override
    public boolean cancel(boolean mayInterruptIfRunning) {
        return cancel(null);
    }

    /** Whether there is a result, an exception or a cancellation. CPython name: {@code Future.done()}. */
    @Override
    public boolean isDone() {
        return isOnLoop() ? call.done() : super.isDone();
    }

    /** Whether this was cancelled. CPython name: {@code Future.cancelled()}. */
    @Override
    public boolean isCancelled() {
        return isOnLoop() ? call.cancelled() : super.isCancelled();
    }

    /** Whether this was cancelled or has failed. */
    @Override
    public boolean isCompletedExceptionally() {
        return isOnLoop() ? call.failed() : super.isCompletedExceptionally();
    }

    /** A stage that depends on this: a plain one, not bound to a loop. */
    @Override
    public <U extends @Nullable Object> CompletableFuture<U> newIncompleteFuture() {
        call.observe();
        return new CompletableFuture<>();
    }

    /** Always refused: only its call completes this. */
    @Override
    public boolean complete(T value) {
        throw refused();
    }

    /** Always refused: only its call completes this. */
    @Override
    public boolean completeExceptionally(Throwable exception) {
        throw refused();
    }

    /** Always refused: only its call completes this. */
    @Override
    public CompletableFuture<T> completeAsync(Supplier<? extends T> supplier) {
        throw refused();
    }

    /** Always refused: only its call completes this. */
    @Override
    public CompletableFuture<T> completeAsync(Supplier<? extends T> supplier, Executor executor) {
        throw refused();
    }

    /** Always refused: only its call completes this. */
    @Override
    public CompletableFuture<T> completeOnTimeout(T value, long timeout, TimeUnit unit) {
        throw refused();
    }

    /** Always refused: only its call completes this. Use {@link Asyncio#timeout}. */
    @Override
    public CompletableFuture<T> orTimeout(long timeout, TimeUnit unit) {
        throw refused();
    }

    /** Always refused: only its call completes this. */
    @Override
    public void obtrudeValue(T value) {
        throw refused();
    }

    /** Always refused: only its call completes this. */
    @Override
    public void obtrudeException(Throwable exception) {
        throw refused();
    }

    private UnsupportedOperationException refused() {
        return new UnsupportedOperationException(
                "only its call completes " + this + ": use copy() for a future of your own that follows it");
    }

    @Override
    public String toString() {
        return call.toString();
    }

    private static boolean isOnLoop() {
        return RunningLoopKt.getRunningLoopOrNull() != null;
    }
}
