// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade;

import dev.simul.Awaitable;
import dev.simul.GatherKt;
import dev.simul.repeating.MissedTicks;
import dev.simul.ReturnWhen;
import dev.simul.RunnerKt;
import dev.simul.ShieldKt;
import dev.simul.TaskRegistryKt;
import dev.simul.ThreadsKt;
import dev.simul.WrapFutureKt;
import dev.simul.context.ContextKt;
import dev.simul.generators.ClosingKt;
import dev.simul.generators.NullContextKt;
import dev.simul.generators.PublisherGeneratorKt;
import dev.simul.interop.Calls;
import dev.simul.interop.JavaTasks;
import dev.simul.interop.JavaTime;
import dev.simul.interop.Repeating;
import dev.simul.loop.Clock;
import dev.simul.loop.Poller;
import dev.simul.loop.RunningLoopKt;
import dev.simul.process.CreateSubprocessKt;
import dev.simul.streams.OpenConnectionKt;
import dev.simul.streams.StartServerKt;
import dev.simul.streams.UnixStreamsKt;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow.Publisher;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

import static dev.simul.facade.Calls.call;
import static dev.simul.interop.Bodies.awaitInBody;
import static dev.simul.interop.Bodies.bodyOf;
import static dev.simul.interop.Bodies.callInBody;
import static dev.simul.interop.Bodies.sleeping;
import static dev.simul.interop.Bodies.timeoutInBody;
import static dev.simul.interop.Calls.mapped;
import static dev.simul.interop.Calls.startCalls;

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
 * <p>A <em>body</em> is the {@link Callable} that {@link #run}, {@link #createTask} and similar methods are given, or the
 * {@link Action} if it returns nothing. Bodies take turns on one loop: another runs only when this one awaits. Whatever a body
 * throws reaches who awaits it as it is, so that checked exceptions need no ceremony.
 *
 * <p>What returns a {@link Future} needs a running loop, and so do {@link #asCompleted}, {@link #currentTask} and
 * {@link #allTasks()}: in a thread that runs none they throw {@link IllegalStateException}. Only a body can await. What a
 * callback of a loop calls starts as a task at once.
 *
 * <p>The rest may be called anywhere: {@link #run} and {@link #open}, with which everything begins; {@link #getEventLoop} and
 * similar methods; {@link #runCoroutineThreadsafe}, which has a loop as its argument; {@link #copyContext}; {@link #exceptStar}
 * and {@link #with}, which run their body here and now; and what makes generators and context managers.
 *
 * <p>While a body awaits, callbacks run on its thread, and a body that it starts runs on another one, so keep in
 * {@link dev.simul.context.ContextVar}s what you would keep in a {@link ThreadLocal}; and hold no monitor or lock while you
 * await.
 *
 * <p>Source: {@code asyncio}.
 */
public final class Asyncio {
    private Asyncio() {}

    // Running.

    /**
     * Runs a body as a task of a new loop, in this thread, then cancels all other tasks, waits for them and closes the loop.
     *
     * <p>Ctrl-C cancels the body. If it ends cancelled then, this ends with a {@link dev.simul.exceptions.KeyboardInterrupt}; it
     * may clean up before that, awaiting as it likes, or refuse and go on. The second Ctrl-C ends this at once, even if the body
     * is still cleaning up. One that is busy with anything but awaiting heeds neither: the third ends the program, as Ctrl-C ends
     * those without Simul.
     *
     * <p>A {@code KeyboardInterrupt} that nobody catches ends the program with the exit status 130, a
     * {@link dev.simul.exceptions.SystemExit} with its code, if this was called in the program's main thread, which has no
     * handler for uncaught exceptions. In any other thread Ctrl-C ends the program when this has ended, caught or not, by the
     * same status. Ctrl-C is left alone where somebody else handles it; of several runs in several threads, the first to begin
     * gets it, and the others after that one. A handler for {@code INT}, see {@link EventLoop#addSignalHandler}, takes it away
     * from them all.
     *
     * <p>An interrupt of this thread ends it with an {@link InterruptedException}, which is not declared.
     *
     * <p>Source: {@code asyncio.run(main)}.
     *
     * @return the body's result; the body's exceptions are thrown unwrapped, checked or not
     * @throws IllegalStateException in a thread that runs a loop already
     */
    public static <T extends @Nullable Object> T run(Callable<T> main) {
        return run(null, null, main);
    }

    /** As {@link #run(Callable)}, for a body that returns nothing. */
    public static void run(Action main) {
        run(new ActionBody(main));
    }

    /**
     * As {@link #run(Callable)}, with the given settings of the loop.
     *
     * <p>Source: {@code asyncio.run(main, debug=debug, loop_factory=loop_factory)}.
     *
     * @param debug whether the loop is in debug mode; null keeps the setting that the loop is created with
     * @param loopFactory what makes the loop; without it, the new loop is also this thread's current one meanwhile
     */
    public static <T extends @Nullable Object> T run(
            @Nullable Boolean debug, @Nullable Supplier<EventLoop> loopFactory, Callable<T> main) {
        return RunnerKt.run(debug, Runner.delegateOf(loopFactory), continuation -> bodyOf(main).await(continuation));
    }

    /** As {@link #run(Boolean, Supplier, Callable)}, for a body that returns nothing. */
    public static void run(@Nullable Boolean debug, @Nullable Supplier<EventLoop> loopFactory, Action main) {
        run(debug, loopFactory, new ActionBody(main));
    }

    /**
     * As {@link #run(Callable)}, by a name of its own: a class that has a method {@code run} cannot call one that it imports
     * statically, since its own hides it.
     *
     * <p>Source: {@code asyncio.run(main)}.
     *
     * @return the body's result; the body's exceptions are thrown unwrapped, checked or not
     * @throws IllegalStateException in a thread that runs a loop already
     */
    public static <T extends @Nullable Object> T runLoop(Callable<T> main) {
        return run(main);
    }

    /** As {@link #runLoop(Callable)}, for a body that returns nothing. */
    public static void runLoop(Action main) {
        run(main);
    }

    /** As {@link #run(Boolean, Supplier, Callable)}, by the name that nothing hides. */
    public static <T extends @Nullable Object> T runLoop(
            @Nullable Boolean debug, @Nullable Supplier<EventLoop> loopFactory, Callable<T> main) {
        return run(debug, loopFactory, main);
    }

    /** As {@link #runLoop(Boolean, Supplier, Callable)}, for a body that returns nothing. */
    public static void runLoop(@Nullable Boolean debug, @Nullable Supplier<EventLoop> loopFactory, Action main) {
        run(debug, loopFactory, main);
    }

    /**
     * Opens a loop in a thread of its own, for a program that is not asynchronous itself.
     *
     * <pre>{@code
     * try (var loop = open()) {
     *     Future<String> page = loop.submit(() -> fetch("first"));
     *     System.out.println(page.get());
     * }
     * }</pre>
     */
    public static BackgroundLoop open() {
        return open(null, null);
    }

    /**
     * As {@link #open()}, with the given settings of the loop.
     *
     * @param debug whether the loop is in debug mode; null keeps the setting that the loop is created with
     * @param loopFactory creates the loop; null means a loop on the machine's clock
     */
    public static BackgroundLoop open(@Nullable Boolean debug, @Nullable Supplier<EventLoop> loopFactory) {
        return new BackgroundLoop(debug, loopFactory);
    }

    /**
     * Runs a body as a task of {@code loop}, from any thread; see {@link BackgroundLoop#submit}.
     *
     * <p>Source: {@code asyncio.run_coroutine_threadsafe(coro, loop)}.
     *
     * @throws IllegalStateException if the loop is closed
     */
    public static <T extends @Nullable Object> Future<T> runCoroutineThreadsafe(EventLoop loop, Callable<T> body) {
        return new Future<>(Calls.submit(loop.delegate, TaskOptions.NONE.delegate(), body));
    }

    /** As {@link #runCoroutineThreadsafe(EventLoop, Callable)}, for a body that returns nothing. */
    public static Future<@Nullable Void> runCoroutineThreadsafe(EventLoop loop, Action body) {
        return runCoroutineThreadsafe(loop, new ActionBody(body));
    }

    /**
     * The loop that is running in this thread.
     *
     * <p>Source: {@code asyncio.get_running_loop()}.
     *
     * @throws IllegalStateException outside a running loop
     */
    public static EventLoop getRunningLoop() {
        return EventLoop.of(EventLoop.running());
    }

    /**
     * The loop that is running in this thread, or else the one that was set for it with {@link #setEventLoop}.
     *
     * <p>Source: {@code asyncio.get_event_loop()}.
     *
     * @throws IllegalStateException if there is neither
     */
    public static EventLoop getEventLoop() {
        return EventLoop.of(RunningLoopKt.getEventLoop());
    }

    /**
     * Makes {@code loop} the current loop of this thread while none is running; null unsets it.
     *
     * <p>Source: {@code asyncio.set_event_loop(loop)}.
     */
    public static void setEventLoop(@Nullable EventLoop loop) {
        RunningLoopKt.setEventLoop(loop == null ? null : loop.delegate);
    }

    /** A new loop on the machine's clock, to be closed. Source: {@code asyncio.new_event_loop()}. */
    public static EventLoop newEventLoop() {
        return EventLoop.of(RunningLoopKt.newEventLoop());
    }

    /**
     * A new loop with another clock, another way to wait, or another provider of channels, to be closed.
     *
     * <p>{@code newEventLoop(clock, new NioPoller(clock, provider))} is a loop that opens its channels by {@code provider}.
     *
     * @param clock what the loop's time is: {@link dev.simul.loop.MonotonicClock#INSTANCE}, or one of your own
     * @param poller how the loop waits; the loop owns it and closes it
     */
    public static EventLoop newEventLoop(Clock clock, Poller poller) {
        return EventLoop.of(new dev.simul.loop.EventLoop(clock, poller));
    }

    // Tasks and futures.

    /**
     * Starts a body as a task; its first step is a turn of its own.
     *
     * <p>Cancelling the task throws a {@link java.util.concurrent.CancellationException} at the body's current await, once.
     *
     * <p>Source: {@code asyncio.create_task(coro)}.
     *
     * @throws IllegalStateException outside a running loop
     */
    public static <T extends @Nullable Object> Task<T> createTask(Callable<T> body) {
        return createTask(TaskOptions.NONE, body);
    }

    /** As {@link #createTask(Callable)}, for a body that returns nothing. */
    public static Task<@Nullable Void> createTask(Action body) {
        return createTask(new ActionBody(body));
    }

    /** As {@link #createTask(Callable)}; the task is called {@code name}. */
    public static <T extends @Nullable Object> Task<T> createTask(String name, Callable<T> body) {
        return createTask(TaskOptions.NONE.name(name), body);
    }

    /** As {@link #createTask(String, Callable)}, for a body that returns nothing. */
    public static Task<@Nullable Void> createTask(String name, Action body) {
        return createTask(name, new ActionBody(body));
    }

    /**
     * As {@link #createTask(Callable)}, with options.
     *
     * @throws IllegalStateException also if it should start eagerly in the context that is entered now
     */
    public static <T extends @Nullable Object> Task<T> createTask(TaskOptions options, Callable<T> body) {
        return getRunningLoop().createTask(options, body);
    }

    /** As {@link #createTask(TaskOptions, Callable)}, for a body that returns nothing. */
    public static Task<@Nullable Void> createTask(TaskOptions options, Action body) {
        return createTask(options, new ActionBody(body));
    }

    /**
     * The task that is running now: in a callback there is none, and this is null.
     *
     * <p>Source: {@code asyncio.current_task()}.
     *
     * @throws IllegalStateException outside a running loop
     */
    public static @Nullable Task<?> currentTask() {
        var task = TaskRegistryKt.currentTask(EventLoop.running());
        return task == null ? null : Task.of(task);
    }

    /**
     * The tasks of the running loop that are not done, in the order of their creation.
     *
     * <p>Source: {@code asyncio.all_tasks()}.
     *
     * @throws IllegalStateException outside a running loop
     */
    public static Set<Task<?>> allTasks() {
        return allTasks(getRunningLoop());
    }

    /** As {@link #allTasks()}, of that loop, from any thread. Source: {@code asyncio.all_tasks(loop)}. */
    public static Set<Task<?>> allTasks(EventLoop loop) {
        Set<Task<?>> tasks = new LinkedHashSet<>();
        TaskRegistryKt.allTasks(loop.delegate).forEach(task -> tasks.add(Task.of(task)));
        return tasks;
    }

    /**
     * A future that no call completes: somebody does, by {@link Future#setResult} or {@link Future#complete}.
     *
     * <p>Awaiting tasks that are cancelled cancel it.
     *
     * <p>Source: {@code loop.create_future()}.
     *
     * @throws IllegalStateException outside a running loop
     */
    public static <T extends @Nullable Object> Future<T> createFuture() {
        return Future.createdBy(EventLoop.running());
    }

    /**
     * Waits until a stage of any kind is complete, and returns its result or throws what was thrown instead, unwrapped.
     *
     * <p>Cancelling the task cancels the stage.
     *
     * <p>Source: {@code await}.
     */
    public static <T extends @Nullable Object> T await(CompletionStage<T> stage) {
        return stage instanceof Future<T> future ? future.await() : awaitInBody(WrapFutureKt.wrapFuture(stage, null));
    }

    /**
     * As {@link #await(CompletionStage)}, and declares what it may throw, so that a {@code catch} around it compiles.
     *
     * <pre>{@code
     * try {
     *     return await(timeout(limit, () -> fetch(address)), TimeoutException.class);
     * } catch (TimeoutException e) {
     *     return fallback;
     * }
     * }</pre>
     *
     * @param mayThrow the exception that the caller catches; others are thrown as they are, too
     */
    public static <T extends @Nullable Object, E extends Exception> T await(CompletionStage<T> stage, Class<E> mayThrow)
            throws E {
        return await(stage);
    }

    /** As {@link #await(CompletionStage)}: it is a stage, and a future as well. */
    public static <T extends @Nullable Object> T await(CompletableFuture<T> future) {
        return await((CompletionStage<T>) future);
    }

    /** As {@link #await(CompletionStage)}, of a future that can only be blocked on: a thread of the default executor does. */
    public static <T extends @Nullable Object> T await(java.util.concurrent.Future<T> future) {
        return wrapFuture(future).await();
    }

    /**
     * A future of the running loop that follows a stage of any kind. Cancelling either cancels the other.
     *
     * <p>Source: {@code asyncio.wrap_future(future)}.
     *
     * @throws IllegalStateException outside a running loop
     */
    public static <T extends @Nullable Object> Future<T> wrapFuture(CompletionStage<T> stage) {
        var loop = EventLoop.running();
        if (stage instanceof Future<T> future && future.getLoop().delegate == loop) {
            return future;
        }
        startCalls();
        return Future.of(WrapFutureKt.wrapFuture(stage, loop));
    }

    /** As {@link #wrapFuture(CompletionStage)}: it is a stage, and a future as well. */
    public static <T extends @Nullable Object> Future<T> wrapFuture(CompletableFuture<T> future) {
        return wrapFuture((CompletionStage<T>) future);
    }

    /** As {@link #wrapFuture(CompletionStage)}, of a future that can only be blocked on: a thread of the executor does. */
    public static <T extends @Nullable Object> Future<T> wrapFuture(java.util.concurrent.Future<T> future) {
        if (future instanceof CompletableFuture<T> stage) {
            return wrapFuture((CompletionStage<T>) stage);
        }
        startCalls();
        return Future.of(WrapFutureKt.wrapFuture(future, EventLoop.running()));
    }

    /**
     * A pause; one that is not positive gives up exactly one turn.
     *
     * <p>Cancelling removes the timer.
     *
     * <p>Source: {@code asyncio.sleep(delay)}.
     */
    public static Future<@Nullable Void> sleep(Duration delay) {
        return sleep(delay, null);
    }

    /** As {@link #sleep(Duration)}, with a result. Source: {@code asyncio.sleep(delay, result)}. */
    public static <T extends @Nullable Object> Future<T> sleep(Duration delay, T result) {
        return new Future<>(callInBody(sleeping(delay, result)));
    }

    // Waiting for several.

    /**
     * The results of all futures, which run at the same time, in the order of the arguments.
     *
     * <p>The first failure or cancellation of one fails it at once; the others go on, and what they throw later is dropped.
     * Cancelling it cancels those that are not done.
     *
     * <p>Source: {@code asyncio.gather(*aws)}.
     */
    @SafeVarargs
    @SuppressWarnings("varargs") // Only read.
    public static <T extends @Nullable Object> Future<List<T>> gather(Future<? extends T>... futures) {
        return gather(Arrays.asList(futures));
    }

    /** As {@link #gather(Future...)}. */
    public static <T extends @Nullable Object> Future<List<T>> gather(List<? extends Future<? extends T>> futures) {
        startCalls();
        List<Awaitable<? extends T>> started = new ArrayList<>(futures.size());
        futures.forEach(future -> started.add(future.started()));
        return Future.of(GatherKt.gather(started));
    }

    /** As {@link #gather(Future...)}, of bodies, each of which runs as a task. */
    @SafeVarargs
    public static <T extends @Nullable Object> Future<List<T>> gather(
            Callable<? extends T> first, Callable<? extends T>... others) {
        List<Future<? extends T>> tasks = new ArrayList<>(1 + others.length);
        tasks.add(createTask(first));
        for (var body : others) {
            tasks.add(createTask(body));
        }
        return gather(tasks);
    }

    /** As {@link #gather(Callable, Callable...)}, of bodies that return nothing. */
    public static Future<List<@Nullable Void>> gather(Action first, Action... others) {
        List<Future<@Nullable Void>> tasks = new ArrayList<>(1 + others.length);
        tasks.add(createTask(first));
        for (var body : others) {
            tasks.add(createTask(body));
        }
        return gather(tasks);
    }

    /**
     * As {@link #gather(Future...)}, but it fails only if it is cancelled itself: when all have ended, the result are the very
     * futures that were given, all of them done.
     *
     * <p>Each one tells how it ended by {@link Future#result}, {@link Future#exception} and {@link Future#isCancelled}. Their
     * failures count as read.
     *
     * <p>Source: {@code asyncio.gather(*aws, return_exceptions=True)}.
     *
     * @param <F> the type of the futures, for example {@code Task<String>}
     */
    @SafeVarargs
    @SuppressWarnings("varargs") // Only read.
    public static <F extends Future<?>> Future<List<F>> gatherResults(F... futures) {
        return gatherResults(Arrays.asList(futures));
    }

    /** As {@link #gatherResults(Future...)}. */
    public static <F extends Future<?>> Future<List<F>> gatherResults(List<? extends F> futures) {
        startCalls();
        List<Awaitable<?>> started = new ArrayList<>(futures.size());
        Map<dev.simul.Future<?>, F> given = new IdentityHashMap<>();
        for (F future : futures) {
            started.add(future.started());
            given.put(future.started(), future);
        }
        return Future.of(JavaTasks.<Object, F>gatherDone(started, given::get));
    }

    /**
     * Waits until all futures are done; always gives up the turn. Failures are not thrown. Cancelling it cancels none of them.
     *
     * <p>It fails with an {@link IllegalArgumentException} if there are no futures. It has another name than in Python, since
     * every class of Java has a {@code wait}, which hides those that are imported.
     *
     * <p>Source: {@code asyncio.wait(fs)}.
     *
     * @param <F> the type of the futures, for example {@code Task<String>}
     */
    public static <F extends Future<?>> Future<WaitResult<F>> waitOn(Collection<? extends F> futures) {
        return waitOn(futures, null, ReturnWhen.ALL_COMPLETED);
    }

    /** As {@link #waitOn(Collection)}, until that is reached. Source: {@code asyncio.wait(fs, return_when=...)}. */
    public static <F extends Future<?>> Future<WaitResult<F>> waitOn(
            Collection<? extends F> futures, ReturnWhen returnWhen) {
        return waitOn(futures, null, returnWhen);
    }

    /**
     * As {@link #waitOn(Collection)}, or until {@code timeout} has passed, which is no error.
     *
     * <p>Source: {@code asyncio.wait(fs, timeout=timeout)}.
     *
     * @param timeout the limit; null for none
     */
    public static <F extends Future<?>> Future<WaitResult<F>> waitOn(
            Collection<? extends F> futures, @Nullable Duration timeout) {
        return waitOn(futures, timeout, ReturnWhen.ALL_COMPLETED);
    }

    /**
     * As {@link #waitOn(Collection, ReturnWhen)}, or until {@code timeout} has passed, which is no error.
     *
     * <p>Source: {@code asyncio.wait(fs, timeout=timeout, return_when=...)}.
     *
     * @param timeout the limit; null for none
     */
    public static <F extends Future<?>> Future<WaitResult<F>> waitOn(
            Collection<? extends F> futures, @Nullable Duration timeout, ReturnWhen returnWhen) {
        Map<dev.simul.Future<?>, F> given = start(futures);
        return new Future<>(callInBody(mapped(
                JavaTime.<@Nullable Object>waiting(given.keySet(), timeout, returnWhen),
                found -> new WaitResult<>(givenOf(found.getDone(), given), givenOf(found.getPending(), given)))));
    }

    private static <F extends Future<?>> Map<dev.simul.Future<?>, F> start(Collection<? extends F> futures) {
        startCalls();
        Map<dev.simul.Future<?>, F> given = new LinkedHashMap<>();
        futures.forEach(future -> given.put(future.started(), future));
        return given;
    }

    private static <F> Set<F> givenOf(Set<? extends dev.simul.Future<?>> futures, Map<dev.simul.Future<?>, F> given) {
        Set<F> found = new LinkedHashSet<>();
        futures.forEach(future -> found.add(given.get(future)));
        return found;
    }

    /**
     * The futures in the order in which they are done, all running at the same time; in a body a loop awaits each next one.
     *
     * <pre>{@code
     * for (Task<String> done : asCompleted(tasks)) {
     *     System.out.println(done.result());
     * }
     * }</pre>
     *
     * <p>Cancelling the task that waits cancels none of them. A second iteration goes on where the first one stopped.
     *
     * <p>Source: {@code asyncio.as_completed(aws)}.
     *
     * @param <F> the type of the futures, for example {@code Task<String>}
     */
    public static <F extends Future<?>> Iterable<F> asCompleted(Collection<? extends F> futures) {
        return asCompleted(futures, null);
    }

    /**
     * As {@link #asCompleted(Collection)}; when {@code timeout} has passed, the next one is a
     * {@link java.util.concurrent.TimeoutException}, which is not declared. Those that are not done keep running.
     *
     * <p>Source: {@code asyncio.as_completed(aws, timeout=timeout)}.
     *
     * @param timeout how long all of them may take; null means without a limit
     */
    public static <F extends Future<?>> Iterable<F> asCompleted(
            Collection<? extends F> futures, @Nullable Duration timeout) {
        Map<dev.simul.Future<?>, F> given = start(futures);
        return new Completions<>(JavaTime.<@Nullable Object>asCompleted(given.keySet(), timeout), given);
    }

    /** As {@link #staggeredRace(List, Duration, Consumer)}; what nobody gets is dropped. */
    public static <T extends @Nullable Object> Future<StaggeredResult<T>> staggeredRace(
            List<? extends Callable<? extends T>> attempts, @Nullable Duration delay) {
        return staggeredRace(attempts, delay, lost -> {});
    }

    /**
     * Makes attempts beside each other, until one of them succeeds; the others are cancelled then, and waited for.
     *
     * <p>The first one begins at once, each other one when {@code delay} has passed since the one before it began, or when that one
     * has failed. Each is a task. Cancelling it cancels them all, and waits for them.
     *
     * <p>Source: {@code asyncio.staggered.staggered_race(coro_fns, delay)}.
     *
     * @param delay null for waiting until the last one has failed
     * @param discard called with what an attempt has returned that nobody gets: it has succeeded although it was cancelled, or the
     *     calling task was cancelled at the same time
     */
    public static <T extends @Nullable Object> Future<StaggeredResult<T>> staggeredRace(
            List<? extends Callable<? extends T>> attempts, @Nullable Duration delay, Consumer<? super T> discard) {
        return new Future<>(callInBody(
                mapped(JavaTime.<T>racing(List.copyOf(attempts), delay, discard), StaggeredResult::<T>of)));
    }

    // Limits, scopes and shields.

    /**
     * Waits for {@code future}, but no longer than {@code timeout}, and then cancels it and waits for its end.
     *
     * <p>If it refuses the cancellation and has a result, that is returned. It fails with a
     * {@link java.util.concurrent.TimeoutException} if the time has passed. Cancelling it cancels the future.
     *
     * <p>Source: {@code asyncio.wait_for(aw, timeout)}.
     *
     * @param timeout the limit; null for none
     */
    public static <T extends @Nullable Object> Future<T> waitFor(Future<T> future, @Nullable Duration timeout) {
        startCalls();
        return new Future<>(callInBody(JavaTime.waitingFor(future.started(), timeout)));
    }

    /**
     * As {@link #waitFor(Future, Duration)}, of a body; one that has a limit which is not positive does not start.
     *
     * <p>Awaited at once, the body runs in place, in the caller's task and on its stack.
     */
    public static <T extends @Nullable Object> Future<T> waitFor(Callable<T> body, @Nullable Duration timeout) {
        if (timeout == null || timeout.compareTo(Duration.ZERO) > 0) {
            return timeout(timeout, body);
        }
        return new Future<>(callInBody(JavaTime.waitingFor(bodyOf(body), timeout)));
    }

    /** As {@link #waitFor(Callable, Duration)}, for a body that returns nothing. */
    public static Future<@Nullable Void> waitFor(Action body, @Nullable Duration timeout) {
        return waitFor(new ActionBody(body), timeout);
    }

    /**
     * A body with a limit of time: when {@code delay} has passed it is cancelled, and it ends with a
     * {@link java.util.concurrent.TimeoutException} instead of the cancellation.
     *
     * <p>The time begins with the body. A body that never awaits is never cut short. Awaited at once it runs in place, in the
     * caller's task and on its stack. If the task is cancelled as well, the cancellation wins.
     *
     * <p>Source: {@code async with asyncio.timeout(delay)}.
     *
     * @param delay the limit; null for none
     */
    public static <T extends @Nullable Object> Future<T> timeout(@Nullable Duration delay, Callable<T> body) {
        return new Future<>(callInBody(() -> timeoutInBody(delay, body)));
    }

    /** As {@link #timeout(Duration, Callable)}, for a body that returns nothing. */
    public static Future<@Nullable Void> timeout(@Nullable Duration delay, Action body) {
        return timeout(delay, new ActionBody(body));
    }

    /**
     * As {@link #timeout(Duration, Callable)}; the body may ask for the deadline, and move it.
     *
     * <p>Source: {@code async with asyncio.timeout(delay) as scope}.
     */
    public static <T extends @Nullable Object> Future<T> timeout(@Nullable Duration delay, Body<Timeout, T> body) {
        return new Future<>(callInBody(() -> new Timeout(JavaTime.timeoutAfter(delay)).run(body)));
    }

    /**
     * As {@link #timeout(Duration, Callable)}, until {@code when}, a time of {@link EventLoop#time}; one in the past means the
     * next turn.
     *
     * <p>Source: {@code async with asyncio.timeout_at(when)}.
     *
     * @param when the deadline; null for none
     */
    public static <T extends @Nullable Object> Future<T> timeoutAt(@Nullable Duration when, Callable<T> body) {
        return timeoutAt(when, scope -> body.call());
    }

    /** As {@link #timeoutAt(Duration, Callable)}, for a body that returns nothing. */
    public static Future<@Nullable Void> timeoutAt(@Nullable Duration when, Action body) {
        return timeoutAt(when, new ActionBody(body));
    }

    /** As {@link #timeoutAt(Duration, Callable)}; the body may ask for the deadline, and move it. */
    public static <T extends @Nullable Object> Future<T> timeoutAt(@Nullable Duration when, Body<Timeout, T> body) {
        return new Future<>(callInBody(() -> new Timeout(JavaTime.timeoutUntil(when)).run(body)));
    }

    /**
     * A body that ends when all tasks that it made in its group are done.
     *
     * <pre>{@code
     * var pages = taskGroup(group -> List.of(
     *         group.createTask(() -> fetch("first")), group.createTask(() -> fetch("second")))).await();
     * System.out.println(pages.get(0).result());
     * }</pre>
     *
     * <p>The first failure, of a task or of the body, cancels all the others and the body; then all failures are thrown as one
     * {@link dev.simul.exceptions.ExceptionGroup}, in the order they happened, even if there is only one. Cancelling the task cancels all
     * of them. Awaited at once the body runs in place, in the caller's task and on its stack.
     *
     * <p>Source: {@code async with asyncio.TaskGroup() as group}.
     */
    public static <T extends @Nullable Object> Future<T> taskGroup(Body<TaskGroup, T> body) {
        return new Future<>(callInBody(() -> TaskGroup.run(body)));
    }

    /**
     * A future that follows {@code future}, but whose cancellation does not reach it.
     *
     * <p>A failure that comes after the cancellation is reported to the loop's exception handler.
     *
     * <p>Source: {@code asyncio.shield(aw)}.
     */
    public static <T extends @Nullable Object> Future<T> shield(Future<T> future) {
        startCalls();
        return Future.of(ShieldKt.shield(future.started()));
    }

    /** As {@link #shield(Future)}, of a body, which runs as a task. */
    public static <T extends @Nullable Object> Future<T> shield(Callable<T> body) {
        return shield(createTask(body));
    }

    /** As {@link #shield(Callable)}, for a body that returns nothing. */
    public static Future<@Nullable Void> shield(Action body) {
        return shield(createTask(body));
    }

    /**
     * Calls {@code body}, here and now, and handles what it throws type by type, whether it comes in groups or alone.
     *
     * <pre>{@code
     * exceptStar(() -> fetchAll(), except -> except
     *         .on(IOException.class, group -> log(group))
     *         .on(TimeoutException.class, group -> {
     *             throw new Unreachable(group);
     *         }));
     * }</pre>
     *
     * <p>Each clause gets what matches its type among what the clauses before it left. What no clause took is thrown on. What
     * handlers throw is thrown together with that, in a group without a message, or as it is if it is alone. A cancellation is
     * handled only by a clause for it.
     *
     * <p>Source: {@code try} with {@code except*}.
     *
     * @return what the body returned, or null if it threw and everything was handled
     */
    public static <T extends @Nullable Object> @Nullable T exceptStar(Callable<T> body, Consumer<ExceptStar> clauses) {
        ExceptStar thrown;
        try {
            return body.call();
        } catch (Throwable e) {
            thrown = new ExceptStar(e);
        }
        clauses.accept(thrown);
        thrown.finish();
        return null;
    }

    /** As {@link #exceptStar(Callable, Consumer)}, for a body that returns nothing. */
    public static void exceptStar(Action body, Consumer<ExceptStar> clauses) {
        exceptStar(new ActionBody(body), clauses);
    }

    // Threads and context variables.

    /**
     * Calls {@code callable} in a thread of the default executor, with a copy of the context variables.
     *
     * <p>Cancelling it ends the wait; the thread goes on, and its result is dropped.
     *
     * <p>Source: {@code asyncio.to_thread(func)}.
     *
     * @return fails with an {@link IllegalStateException} if it needs one more thread, and the system allows none
     */
    public static <T extends @Nullable Object> Future<T> toThread(Callable<T> callable) {
        return call(continuation -> ThreadsKt.toThread(new CallableFunction<>(callable), continuation));
    }

    /** As {@link #toThread(Callable)}, for an action that returns nothing. */
    public static Future<@Nullable Void> toThread(Action action) {
        return toThread(new ActionBody(action));
    }

    /**
     * As {@link #toThread(Callable)}, of work that is told to stop when it is cancelled while a thread does it.
     *
     * <pre>{@code
     * var rows = toThread(new ThreadOptions().onCancel(statement::cancel), () -> statement.executeQuery(sql)).await();
     * }</pre>
     *
     * <p>The wait ends at once all the same; what the callable does then, and its result, are dropped. One that has not begun never
     * does, and one that has ended is left alone: what stops it strikes no other work of its thread. The thread's interrupt is cleared
     * after it, if it came from here.
     */
    public static <T extends @Nullable Object> Future<T> toThread(ThreadOptions options, Callable<T> callable) {
        var function = new CallableFunction<>(callable);
        return call(continuation ->
                ThreadsKt.toThread(options.interrupts(), options.hook(), function, continuation));
    }

    /** As {@link #toThread(ThreadOptions, Callable)}, for an action that returns nothing. */
    public static Future<@Nullable Void> toThread(ThreadOptions options, Action action) {
        return toThread(options, new ActionBody(action));
    }

    /** A copy of the current context variables; takes constant time. Source: {@code contextvars.copy_context()}. */
    public static Context copyContext() {
        return new Context(ContextKt.copyContext());
    }

    // Streams.

    /**
     * Connects to a port of {@code host}.
     *
     * <p>If the task is cancelled, no connection stays open.
     *
     * <p>Source: {@code asyncio.open_connection(host, port)}.
     *
     * @param host a name or an address; null for this machine
     * @return fails with {@link java.net.ConnectException} if the peer refuses, and otherwise with another
     *     {@link java.io.IOException}
     */
    public static Future<Streams> openConnection(@Nullable String host, int port) {
        return openConnection(host, port, ConnectionOptions.NONE);
    }

    /** As {@link #openConnection(String, int)}, with options. */
    public static Future<Streams> openConnection(@Nullable String host, int port, ConnectionOptions options) {
        return openConnection(host, port, options, StreamReader.DEFAULT_LIMIT);
    }

    /**
     * As {@link #openConnection(String, int, ConnectionOptions)}.
     *
     * @param limit that of the {@link StreamReader}, in bytes
     */
    public static Future<Streams> openConnection(
            @Nullable String host, int port, ConnectionOptions options, int limit) {
        var chosen = options.delegate();
        return call(
                continuation -> OpenConnectionKt.openConnection(host, port, limit, chosen, continuation), Streams::of);
    }

    /**
     * Listens at a port of {@code host}, and has a task of its own run a body for each connection.
     *
     * <pre>{@code
     * var server = startServer("127.0.0.1", 8080, (reader, writer) -> {
     *     try (writer) {
     *         writer.write(reader.readline().await());
     *         writer.drain().await();
     *     }
     * }).await();
     * }</pre>
     *
     * <p>If the body fails or is cancelled the connection is closed; when it returns, it is not.
     *
     * <p>Source: {@code asyncio.start_server(client_connected_cb, host, port)}.
     *
     * @param host a name or an address; null or empty for all interfaces, IPv4 and IPv6
     * @param port 0 for any free port; {@link Server#addresses} has it
     * @return fails with {@link java.net.BindException} if the address is in use or not this machine's
     */
    public static Future<Server> startServer(@Nullable String host, int port, ClientConnected clientConnected) {
        return startServer(host, port, ServerOptions.NONE, clientConnected);
    }

    /** As {@link #startServer(String, int, ClientConnected)}, with options. */
    public static Future<Server> startServer(
            @Nullable String host, int port, ServerOptions options, ClientConnected clientConnected) {
        return startServer(
                Collections.singletonList(host), port, options, StreamReader.DEFAULT_LIMIT, clientConnected);
    }

    /**
     * As {@link #startServer(String, int, ServerOptions, ClientConnected)}, of each of several hosts. If one cannot be bound, none
     * is.
     *
     * @param limit that of each {@link StreamReader}, in bytes
     */
    public static Future<Server> startServer(
            Collection<? extends @Nullable String> hosts,
            int port,
            ServerOptions options,
            int limit,
            ClientConnected clientConnected) {
        var chosen = options.delegate();
        Collection<@Nullable String> all = new ArrayList<>(hosts);
        return call(
                continuation -> StartServerKt.startServer(
                        all, port, limit, chosen, StreamReaderProtocol.coroutineOf(clientConnected), continuation),
                Server::new);
    }

    /** As {@link #openConnection(String, int)}, of the Unix domain socket at {@code path}. */
    public static Future<Streams> openUnixConnection(Path path) {
        return openUnixConnection(path, ConnectionOptions.NONE, StreamReader.DEFAULT_LIMIT);
    }

    /**
     * Connects to the Unix domain socket at {@code path}.
     *
     * <p>Source: {@code asyncio.open_unix_connection(path)}.
     *
     * @param options those that are about addresses count for nothing
     * @param limit that of the {@link StreamReader}, in bytes
     * @return fails with {@link java.io.IOException} if no server listens there
     */
    public static Future<Streams> openUnixConnection(Path path, ConnectionOptions options, int limit) {
        var chosen = options.delegate();
        return call(
                continuation -> UnixStreamsKt.openUnixConnection(path, limit, chosen, continuation), Streams::of);
    }

    /**
     * As {@link #startServer(String, int, ClientConnected)}, at the Unix domain socket {@code path}; it is removed when the server
     * closes.
     */
    public static Future<Server> startUnixServer(Path path, ClientConnected clientConnected) {
        return startUnixServer(path, ServerOptions.NONE, StreamReader.DEFAULT_LIMIT, true, clientConnected);
    }

    /**
     * Listens at the Unix domain socket {@code path}, and has a task of its own run a body for each connection.
     *
     * <p>Source: {@code asyncio.start_unix_server(client_connected_cb, path)}.
     *
     * @param limit that of each {@link StreamReader}, in bytes
     * @param cleanupSocket whether the socket is removed when the server closes, unless something else lies there by then
     * @return fails with {@link java.net.BindException} if something that is no socket lies there
     */
    public static Future<Server> startUnixServer(
            Path path, ServerOptions options, int limit, boolean cleanupSocket, ClientConnected clientConnected) {
        var chosen = options.delegate();
        return call(
                continuation -> UnixStreamsKt.startUnixServer(
                        path,
                        limit,
                        chosen,
                        cleanupSocket,
                        StreamReaderProtocol.coroutineOf(clientConnected),
                        continuation),
                Server::new);
    }

    // Subprocesses.

    /** As {@link #createSubprocessExec(ProcessOptions, String, String...)}, with the standard streams of this process. */
    public static Future<Process> createSubprocessExec(String program, String... args) {
        return createSubprocessExec(ProcessOptions.NONE, program, args);
    }

    /**
     * Starts {@code program}, looked for as the system does, with {@code args}.
     *
     * <pre>{@code
     * var git = createSubprocessExec(new ProcessOptions().stdout(Redirect.PIPE), "git", "log").await();
     * for (String line : git.stdout().lines()) {
     *     System.out.println(line);
     * }
     * }</pre>
     *
     * <p>If the task is cancelled the child is killed, and waited for. Later it goes on until it ends, is killed, or the loop is
     * closed. Starting it holds up the loop for the milliseconds that takes.
     *
     * <p>Source: {@code asyncio.create_subprocess_exec(program, *args)}.
     *
     * @return fails with {@link java.io.IOException} if it cannot be started: there is no such program or directory, or the system
     *     refuses; with {@link IllegalArgumentException} if a stream is redirected to what it cannot be
     */
    public static Future<Process> createSubprocessExec(ProcessOptions options, String program, String... args) {
        String[] all = args.clone();
        return call(
                continuation -> CreateSubprocessKt.createSubprocessExec(
                        program,
                        all,
                        options.stdin(),
                        options.stdout(),
                        options.stderr(),
                        options.limit(),
                        options.cwd(),
                        options.env(),
                        continuation),
                Process::new);
    }

    /** As {@link #createSubprocessShell(ProcessOptions, String)}, with the standard streams of this process. */
    public static Future<Process> createSubprocessShell(String cmd) {
        return createSubprocessShell(ProcessOptions.NONE, cmd);
    }

    /**
     * As {@link #createSubprocessExec(ProcessOptions, String, String...)}, of a line for the system's shell: {@code /bin/sh -c}, on
     * Windows {@code cmd /c}. To quote what comes from elsewhere is up to the caller.
     *
     * <p>Source: {@code asyncio.create_subprocess_shell(cmd)}.
     */
    public static Future<Process> createSubprocessShell(ProcessOptions options, String cmd) {
        return call(
                continuation -> CreateSubprocessKt.createSubprocessShell(
                        cmd,
                        options.stdin(),
                        options.stdout(),
                        options.stderr(),
                        options.limit(),
                        options.cwd(),
                        options.env(),
                        continuation),
                Process::new);
    }

    // Generators and context managers.

    /**
     * A generator whose body may await between the items that it yields. Nothing runs until the first one is asked for.
     *
     * <p>Source: an {@code async def} function with {@code yield} in it.
     */
    public static <T extends @Nullable Object, S> AsyncGenerator<T, S> asyncGenerator(AsyncGenerator.Body<T, S> body) {
        return new AsyncGenerator<>(body);
    }

    /**
     * The items of any publisher, for a {@code for} loop in a body; as {@link #fromPublisher(Publisher, int)}, sixteen ahead.
     */
    public static <T> AsyncIterable<T> fromPublisher(Publisher<T> publisher) {
        return fromPublisher(publisher, 16);
    }

    /**
     * The items of any publisher, for a {@code for} loop in a body.
     *
     * <p>It subscribes when the first item is asked for, once, and closing it cancels the subscription. What the publisher gives
     * to {@code onError} is thrown after the items before it.
     *
     * @param prefetch how many items the publisher may be ahead
     * @throws IllegalArgumentException if {@code prefetch} is not positive
     */
    @SuppressWarnings("unchecked") // Nothing is ever sent.
    public static <T> AsyncIterable<T> fromPublisher(Publisher<T> publisher, int prefetch) {
        return new AsyncGenerator<T, Void>(PublisherGeneratorKt.toAsyncGenerator(publisher, prefetch));
    }

    /**
     * A generator, which needs no loop. Nothing runs until the first value is asked for.
     *
     * <p>Source: a function with {@code yield} in it.
     */
    public static <Y extends @Nullable Object, S> Generator<Y, S, @Nullable Void> generator(Generator.Body<Y, S> body) {
        return new Generator<>(gen -> {
            body.run(gen);
            return null;
        });
    }

    /**
     * As {@link #generator}, of a body that returns something. The name is another one since a body without an end, which fits
     * both, would else be ambiguous.
     */
    public static <Y extends @Nullable Object, S, R extends @Nullable Object> Generator<Y, S, R> generatorReturning(
            Generator.ReturningBody<Y, S, R> body) {
        return new Generator<>(body);
    }

    /**
     * Runs a block between entering and leaving {@code manager}.
     *
     * <p>Awaited at once it runs in place, in the caller's task and on its stack. An exception that leaving throws replaces the
     * block's, which is then one of its suppressed exceptions.
     *
     * <p>Source: {@code async with manager as value}.
     *
     * @return the block's result, or null if the manager suppressed its exception
     */
    public static <T extends @Nullable Object, R extends @Nullable Object> Future<@Nullable R> asyncWith(
            AsyncContextManager<T> manager, AsyncContextManager.Block<? super T, R> block) {
        return new Future<>(callInBody(() -> Managers.with(manager, block)));
    }

    /**
     * As {@link #asyncWith}, of a manager that does not await: it runs at once, and needs no loop. In a body the block may await.
     *
     * <p>Source: {@code with manager as value}.
     *
     * @return the block's result, or null if the manager suppressed its exception
     */
    public static <T extends @Nullable Object, R extends @Nullable Object> @Nullable R with(
            ContextManager<T> manager, AsyncContextManager.Block<? super T, R> block) {
        return Managers.with(manager, block);
    }

    /**
     * A context manager for one block: a generator's body that sets up, yields once what the block works with, and cleans up; it
     * may await.
     *
     * <p>What the block throws is thrown by the {@code yield}, a cancellation too. It is suppressed if the body catches it and
     * ends. Entering and leaving throw an {@link IllegalStateException} if the body does not yield exactly once.
     *
     * <p>Source: {@code contextlib.asynccontextmanager}.
     */
    public static <T extends @Nullable Object> AsyncContextManager<T> asyncContextManager(AsyncGenerator.Body<T, Void> body) {
        return Managers.asyncContextManager(body);
    }

    /** As {@link #asyncContextManager}, of a body that does not await. Source: {@code contextlib.contextmanager}. */
    public static <T extends @Nullable Object> ContextManager<T> contextManager(Generator.Body<T, Void> body) {
        return Managers.contextManager(body);
    }

    /**
     * A context manager that gives {@code thing}, and closes it in the end.
     *
     * <p>What closing throws replaces the block's exception, as everywhere in Python; in {@code try}-with-resources it is the
     * other way round.
     *
     * <p>Source: {@code contextlib.closing(thing)}, {@code contextlib.aclosing(thing)}.
     */
    public static <C extends AutoCloseable> ContextManager<C> closing(C thing) {
        return Managers.fromRuntime(ClosingKt.closing(thing));
    }

    /** A context manager that gives nothing and does nothing. Source: {@code contextlib.nullcontext()}. */
    public static ContextManager<@Nullable Void> nullContext() {
        return nullContext(null);
    }

    /** A context manager that gives {@code value} and does nothing. Source: {@code contextlib.nullcontext(value)}. */
    public static <T extends @Nullable Object> ContextManager<T> nullContext(T value) {
        return Managers.fromRuntime((dev.simul.generators.ContextManager<T>) NullContextKt.nullContext(value));
    }

    /**
     * A context manager that ends exceptions of the given types.
     *
     * <p>It takes such exceptions out of an exception group too, however deep they are, and throws the group of what is left.
     *
     * <p>Source: {@code contextlib.suppress(*exceptions)}.
     */
    @SafeVarargs
    @SuppressWarnings("varargs") // Only read.
    public static ContextManager<@Nullable Void> suppress(Class<? extends Throwable>... types) {
        return Managers.suppress(types);
    }

    // Again and again.

    /** As {@link #retry(int, Backoff, Predicate, Callable)}, of every exception. */
    public static <T extends @Nullable Object> Future<T> retry(int attempts, Backoff backoff, Callable<T> body) {
        return retry(attempts, backoff, failure -> true, body);
    }

    /** As {@link #retry(int, Backoff, Callable)}, for a body that returns nothing. */
    public static Future<@Nullable Void> retry(int attempts, Backoff backoff, Action body) {
        return retry(attempts, backoff, new ActionBody(body));
    }

    /**
     * A body that is run until it returns, but at most {@code attempts} times, with the pauses of {@code backoff} between them.
     *
     * <pre>{@code
     * var backoff = Backoff.exponential(ofMillis(100), 2, ofSeconds(10)).jittered();
     * var page = retry(5, backoff, e -> e instanceof IOException, () -> timeout(ofSeconds(2), () -> fetch(address)).await()).await();
     * }</pre>
     *
     * <p>After a failure that {@code retryIf} refuses, or the last attempt's, that failure is thrown, with those of the attempts
     * before it as its suppressed exceptions, the earliest first: of many, the sixteen latest ones.
     *
     * <p>Only an {@link Exception} is retried, never an {@link Error}, and never a cancellation. A failure with which the body
     * answers a request to cancel its task is thrown at once as well. Cancelling it during a pause ends the pause, and the
     * cancellation is thrown, with the failures so far as its suppressed exceptions.
     *
     * <p>{@link #timeout(Duration, Callable)} around this limits all attempts and pauses together, and ends it as a cancellation
     * does; inside the body it limits each attempt, and its {@link java.util.concurrent.TimeoutException} is a failure like
     * others, which is retried.
     *
     * <p>Awaited at once the body runs in place, in the caller's task and on its stack. asyncio has no equivalent.
     *
     * @param attempts how often the body is run at most, the first time included; {@code Integer.MAX_VALUE} means practically
     *     without a limit
     * @param retryIf whether to try again after that failure; what it throws is thrown
     * @return fails with {@link IllegalArgumentException} if {@code attempts} is not positive
     */
    public static <T extends @Nullable Object> Future<T> retry(
            int attempts, Backoff backoff, Predicate<? super Exception> retryIf, Callable<T> body) {
        return new Future<>(callInBody(() -> Repeating.retryInBody(attempts, backoff.delegate, retryIf, body)));
    }

    /** As {@link #retry(int, Backoff, Predicate, Callable)}, for a body that returns nothing. */
    public static Future<@Nullable Void> retry(
            int attempts, Backoff backoff, Predicate<? super Exception> retryIf, Action body) {
        return retry(attempts, backoff, retryIf, new ActionBody(body));
    }

    /** As {@link #every(Duration, Duration, MissedTicks, Action)}; it begins at once, and skips the ticks that it misses. */
    public static Future<@Nullable Void> every(Duration period, Action body) {
        return every(period, Duration.ZERO, MissedTicks.SKIP, body);
    }

    /**
     * A body that is run again and again, once each {@code period}.
     *
     * <pre>{@code
     * var heartbeat = every(ofSeconds(10), () -> send(socket, "ping"));
     * }</pre>
     *
     * <p>The ticks are {@code initialDelay}, and then every {@code period} after that, on the loop's clock. A run that begins
     * late, since the loop was busy, does not move the ticks after it, so that they do not drift. Two runs never overlap:
     * {@code missedTicks} says what becomes of the ticks that come while the body is running. A body that takes exactly one
     * period misses none.
     *
     * <p>It ends when the body fails, with that failure, and when it is cancelled, in a run or between two of them. To go on
     * after a failure, catch it in the body. A loop that was held up between two runs, or whose machine slept, is one whose ticks
     * were missed. Between two runs at least one turn is given up, so that other tasks get theirs although a body overruns each
     * time.
     *
     * <p>asyncio has no equivalent.
     *
     * @param initialDelay when the first run begins, counted from the beginning: at once, if it is not positive; {@code period}
     *     for a first run at the end of the first period
     * @return never has a result; fails with {@link IllegalArgumentException} if {@code period} is not positive
     */
    public static Future<@Nullable Void> every(
            Duration period, Duration initialDelay, MissedTicks missedTicks, Action body) {
        return new Future<>(callInBody(
                () -> Repeating.everyInBody(period, initialDelay, missedTicks, new ActionBody(body))));
    }
}
