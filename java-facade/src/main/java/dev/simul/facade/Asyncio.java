package dev.simul.facade;

import dev.simul.GatherKt;
import dev.simul.RunnerKt;
import dev.simul.WrapFutureKt;
import dev.simul.bodies.Call;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

import static dev.simul.bodies.Bodies.awaitInBody;
import static dev.simul.bodies.Bodies.bodyOf;
import static dev.simul.bodies.Bodies.callInBody;
import static dev.simul.bodies.Bodies.sleeping;
import static dev.simul.bodies.Bodies.timeoutInBody;

/**
 * The functions of asyncio, for {@code import static}.
 *
 * <pre>{@code
 * run(() -> {
 *     var first = createTask(() -> fetch("first"));
 *     sleep(Duration.ofSeconds(1)).await();
 *     return first.await();
 * });
 * }</pre>
 *
 * <p>A <em>body</em> is the {@link Callable} that {@link #run}, {@link #createTask} and their like are given. Bodies take
 * turns on one loop: another runs only when this one awaits. Whatever a body throws reaches who awaits it as it is, so that
 * checked exceptions need no ceremony.
 *
 * <p>All functions but {@link #run} are for bodies, and throw {@link IllegalStateException} elsewhere. A body runs on a
 * thread that it shares with bodies after it, so keep in {@link dev.simul.context.ContextVar}s what you would keep in a
 * {@link ThreadLocal}; and hold no monitor or lock while you await.
 *
 * <p>CPython name: {@code asyncio}.
 */
public final class Asyncio {
    private Asyncio() {}

    /**
     * Runs a body as a task of a new loop, in this thread, then cancels all other tasks, waits for them and closes the loop.
     *
     * <p>An interrupt of this thread ends it with an {@link InterruptedException}, which is not declared.
     *
     * <p>CPython name: {@code asyncio.run(main)}.
     *
     * @return the body's result; what the body throws is thrown as it is, checked or not
     * @throws IllegalStateException in a thread that runs a loop already
     */
    public static <T extends @Nullable Object> T run(Callable<T> main) {
        return RunnerKt.run(null, null, continuation -> bodyOf(main).await(continuation));
    }

    /**
     * Starts a body as a task; its first step is a turn of its own.
     *
     * <p>Cancelling the task throws a {@link java.util.concurrent.CancellationException} at the body's current await, once.
     *
     * <p>CPython name: {@code asyncio.create_task(coro)}.
     *
     * @throws IllegalStateException if the caller is no body
     */
    public static <T extends @Nullable Object> Task<T> createTask(Callable<T> body) {
        Call<T> call = callInBody(body);
        return new Task<>(call, (dev.simul.Task<T>) call.start());
    }

    /** As {@link #createTask(Callable)}; the task is called {@code name}. */
    public static <T extends @Nullable Object> Task<T> createTask(String name, Callable<T> body) {
        Call<T> call = callInBody(body);
        return new Task<>(call, call.start(name));
    }

    /**
     * Waits until a stage of any kind is complete, and returns its result or throws what was thrown instead, unwrapped.
     *
     * <p>Cancelling the task cancels the stage.
     *
     * <p>CPython name: {@code await}.
     */
    public static <T extends @Nullable Object> T await(CompletionStage<T> stage) {
        return stage instanceof Future<T> future ? future.await() : awaitInBody(WrapFutureKt.wrapFuture(stage, null));
    }

    /**
     * A pause; one that is not positive gives up exactly one turn.
     *
     * <p>Cancelling removes the timer.
     *
     * <p>CPython name: {@code asyncio.sleep(delay)}.
     */
    public static Future<@Nullable Void> sleep(Duration delay) {
        return sleep(delay, null);
    }

    /** As {@link #sleep(Duration)}, with a result. CPython name: {@code asyncio.sleep(delay, result)}. */
    public static <T extends @Nullable Object> Future<T> sleep(Duration delay, T result) {
        return new Future<>(callInBody(sleeping(delay, result)));
    }

    /**
     * The results of all futures, which run at the same time, in the order of the arguments.
     *
     * <p>The first failure or cancellation of one fails it at once; the others go on, and what they throw later is dropped.
     * Cancelling it cancels those that are not done.
     *
     * <p>CPython name: {@code asyncio.gather(*aws)}.
     */
    @SafeVarargs
    @SuppressWarnings("varargs") // Only read.
    public static <T extends @Nullable Object> Future<List<T>> gather(Future<? extends T>... futures) {
        return gather(Arrays.asList(futures));
    }

    /** As {@link #gather(Future...)}. */
    public static <T extends @Nullable Object> Future<List<T>> gather(List<? extends Future<? extends T>> futures) {
        List<dev.simul.Awaitable<? extends T>> started = new ArrayList<>(futures.size());
        for (Future<? extends T> future : futures) {
            started.add(future.started());
        }
        return new Future<>(callInBody(GatherKt.gather(started)));
    }

    /**
     * A body with a limit of time: when {@code delay} has passed it is cancelled, and it ends with a
     * {@link java.util.concurrent.TimeoutException} instead of the cancellation.
     *
     * <p>The time begins with the body. A body that never awaits is never cut short. Awaited at once it runs in place, in the
     * caller's task and on its stack. If the task is cancelled as well, the cancellation wins.
     *
     * <p>CPython name: {@code async with asyncio.timeout(delay)}.
     *
     * @param delay the limit; null for none
     */
    public static <T extends @Nullable Object> Future<T> timeout(@Nullable Duration delay, Callable<T> body) {
        return new Future<>(callInBody(() -> timeoutInBody(delay, body)));
    }
}
