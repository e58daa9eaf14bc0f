// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade;

import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsServer;
import dev.simul.Awaitable;
import dev.simul.GatherKt;
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
import dev.simul.interop.JavaWorkers;
import dev.simul.interop.Repeating;
import dev.simul.loop.Clock;
import dev.simul.loop.Poller;
import dev.simul.loop.RunningLoopKt;
import dev.simul.observe.AwaitedBy;
import dev.simul.observe.CallGraphs;
import dev.simul.observe.CancellationLedger;
import dev.simul.observe.DumpTasks;
import dev.simul.process.CreateSubprocessKt;
import dev.simul.repeating.MissedTicks;
import dev.simul.streams.OpenConnectionKt;
import dev.simul.streams.StartServerKt;
import dev.simul.streams.UnixStreamsKt;
import dev.simul.workers.WorkerKt;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetSocketAddress;
import java.net.http.HttpClient;
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
import java.util.Objects;
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
 * <p>A <em>body</em> is the {@link Callable} that you pass to {@link #run}, {@link #createTask} and similar methods, or an
 * {@link Action} if it returns nothing. Bodies take turns on one loop: another one runs only when this one awaits. A body's
 * exceptions reach the awaiting code unwrapped, even checked ones.
 *
 * <p>Methods that return a {@link Future} need a running loop, and so do {@link #asCompleted}, {@link #currentTask} and
 * {@link #allTasks()}: in a thread that runs none they throw {@link IllegalStateException}. Only a body can await. A call that a
 * callback of the loop makes starts as a task at once.
 *
 * <p>The other methods may be called anywhere: {@link #run} and {@link #open}, with which a program begins; {@link #getEventLoop}
 * and similar methods; {@link #runCoroutineThreadsafe}, which takes a loop; {@link #copyContext}; {@link #exceptStar} and
 * {@link #with}, which run their body at once; and the methods that create generators and context managers.
 *
 * <p>While a body awaits, callbacks run on its thread, and a body that it starts runs on another one, so use
 * {@link dev.simul.context.ContextVar}s instead of {@link ThreadLocal}s, and hold no monitor or lock while you await.
 *
 * <p>Source: {@code asyncio}.
 */
public final class Asyncio {
    private Asyncio() {}

    // Running.

    /**
     * Runs a body as a task of a new loop, in this thread, then cancels all remaining tasks, waits for them and closes the loop.
     *
     * <p>Ctrl-C cancels the body. If the body ends cancelled, this throws a {@link dev.simul.exceptions.KeyboardInterrupt};
     * before that it may clean up, and await while it does, or refuse and continue. The second Ctrl-C ends this at once, even if
     * the body is still cleaning up, and lists on the standard error stream the tasks that have not ended. A body that never awaits
     * notices neither: the second then shows its stack, and the third Ctrl-C ends the program, as Ctrl-C does
     * without Simul.
     *
     * <p>A {@code KeyboardInterrupt} that nobody catches ends the program with the exit status 130, a
     * {@link dev.simul.exceptions.SystemExit} with its code, if this was called in the program's main thread and that has no
     * handler for uncaught exceptions. In any other thread, Ctrl-C ends the program with the same status when this has ended,
     * whether the exception is caught or not. If other code already handles Ctrl-C, this does not. If several threads run loops,
     * the first one to begin gets Ctrl-C, and the next one when that has ended. A handler for {@code INT}
     * ({@link EventLoop#addSignalHandler}) takes precedence over them all.
     *
     * <p>If this thread is interrupted, this throws an {@link InterruptedException}, which it does not declare.
     *
     * <p>Source: {@code asyncio.run(main)}.
     *
     * @return the body's result; the body's exceptions are thrown unwrapped, checked or not
     * @throws IllegalStateException in a thread that already runs a loop
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
     * @param loopFactory creates the loop; if null, the new loop is also this thread's current one while this runs
     */
    public static <T extends @Nullable Object> T run(
            @Nullable Boolean debug, @Nullable Supplier<EventLoop> loopFactory, Callable<T> main) {
        return RunnerKt.run(debug, Runner.delegateOf(loopFactory), continuation -> bodyOf(main).await(continuation));
    }

    /** As {@link #run(Boolean, Supplier, Callable)}, for a body that returns nothing. */
    public static void run(@Nullable Boolean debug, @Nullable Supplier<EventLoop> loopFactory, Action main) {
        run(debug, loopFactory, new ActionBody(main));
    }

    /** As {@link #serve(int, WorkerOptions, Callable)}, with the defaults. */
    public static void serve(int workers, Callable<?> main) {
        serve(workers, WorkerOptions.NONE, main);
    }

    /** As {@link #serve(int, Callable)}, for a body that returns nothing. */
    public static void serve(int workers, Action main) {
        serve(workers, new ActionBody(main));
    }

    /**
     * Runs a body in each of several workers, loops in threads of their own, so that a server has as many cores as workers.
     * Returns when the body has returned in all of them.
     *
     * <p>In a worker, {@link EventLoop#createServer}, {@link #startServer} and {@link #startUnixServer} share a listening socket:
     * the same address in each worker is bound once, and its connections are dealt to the workers. A task and its connection stay
     * in their worker. See {@link Supervisor} for what happens to workers that fail or hang.
     *
     * <p>The calling thread runs a loop of its own, which accepts connections and watches the workers. Ctrl-C and {@code TERM} end
     * the workers in order: no connection is accepted from then on, the body is cancelled in each worker, and what has not ended
     * after {@link WorkerOptions#grace} is cancelled altogether. This then throws a
     * {@link dev.simul.exceptions.KeyboardInterrupt}, or a {@link dev.simul.exceptions.SystemExit} with the code 143. A second
     * signal ends the grace. A {@code SystemExit} that the body throws in one worker ends all of them in the same way, and is
     * thrown by this.
     *
     * <p>asyncio has no equivalent; the model is the module {@code cluster} of Node.js, with threads instead of processes.
     *
     * @param workers how many
     * @throws IllegalStateException in a thread that already runs a loop: use a {@link Supervisor} there
     */
    public static void serve(int workers, WorkerOptions options, Callable<?> main) {
        JavaWorkers.serveBodies(workers, options.delegate(), main);
    }

    /** As {@link #serve(int, WorkerOptions, Callable)}, for a body that returns nothing. */
    public static void serve(int workers, WorkerOptions options, Action main) {
        serve(workers, options, new ActionBody(main));
    }

    /** The worker in whose loop the caller runs; null outside of workers. asyncio has no equivalent. */
    public static @Nullable Worker currentWorker() {
        return Worker.orNull(WorkerKt.currentWorker());
    }

    /**
     * As {@link #run(Callable)}, by another name: a class that has a method {@code run} cannot call a statically imported
     * {@code run}, since its own hides that.
     *
     * <p>Source: {@code asyncio.run(main)}.
     *
     * @return the body's result; the body's exceptions are thrown unwrapped, checked or not
     * @throws IllegalStateException in a thread that already runs a loop
     */
    public static <T extends @Nullable Object> T runLoop(Callable<T> main) {
        return run(main);
    }

    /** As {@link #runLoop(Callable)}, for a body that returns nothing. */
    public static void runLoop(Action main) {
        run(main);
    }

    /** As {@link #run(Boolean, Supplier, Callable)}, by the name that no other method hides. */
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
     * Sets the current loop of this thread, for when none is running; null unsets it.
     *
     * <p>Source: {@code asyncio.set_event_loop(loop)}.
     */
    public static void setEventLoop(@Nullable EventLoop loop) {
        RunningLoopKt.setEventLoop(loop == null ? null : loop.delegate);
    }

    /** A new loop on the machine's clock, which the caller must close. Source: {@code asyncio.new_event_loop()}. */
    public static EventLoop newEventLoop() {
        return EventLoop.of(RunningLoopKt.newEventLoop());
    }

    /**
     * A new loop with another clock, poller or provider of channels, which the caller must close.
     *
     * <p>{@code newEventLoop(clock, new NioPoller(clock, provider))} is a loop that opens its channels through {@code provider}.
     *
     * @param clock the loop's clock: {@link dev.simul.loop.MonotonicClock#INSTANCE}, or your own
     * @param poller how the loop waits; the loop owns it and closes it
     */
    public static EventLoop newEventLoop(Clock clock, Poller poller) {
        return EventLoop.of(new dev.simul.loop.EventLoop(clock, poller));
    }

    // Tasks and futures.

    /**
     * Starts a body as a task, which first runs in a later turn.
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
     * @throws IllegalStateException also if it should start eagerly in a context that is currently entered
     */
    public static <T extends @Nullable Object> Task<T> createTask(TaskOptions options, Callable<T> body) {
        return getRunningLoop().createTask(options, body);
    }

    /** As {@link #createTask(TaskOptions, Callable)}, for a body that returns nothing. */
    public static Task<@Nullable Void> createTask(TaskOptions options, Action body) {
        return createTask(options, new ActionBody(body));
    }

    /**
     * The task that is running now, or null in a callback.
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

    /** As {@link #allTasks()}, for the given loop, from any thread. Source: {@code asyncio.all_tasks(loop)}. */
    public static Set<Task<?>> allTasks(EventLoop loop) {
        Set<Task<?>> tasks = new LinkedHashSet<>();
        TaskRegistryKt.allTasks(loop.delegate).forEach(task -> tasks.add(Task.of(task)));
        return tasks;
    }

    /**
     * The call graph of the current task, or null in a callback; see {@link #captureCallGraph(Future)}.
     *
     * <p>Source: {@code asyncio.capture_call_graph()}.
     *
     * @throws IllegalStateException outside a running loop
     */
    public static @Nullable FutureCallGraph captureCallGraph() {
        var graph = CallGraphs.captureCallGraph();
        return graph == null ? null : FutureCallGraph.of(graph);
    }

    /**
     * Where the future stands: in which lines its task waits, and who awaits it.
     *
     * <p>It shows what the futures, tasks and bodies know by themselves, and costs nothing before it is asked for. While a task is
     * suspended in code of other Kotlin libraries, only the frames around that are known. Call it in the loop's thread, or while the loop
     * does not run; in another thread, it may show a state that never was.
     *
     * <p>Source: {@code asyncio.capture_call_graph(future)}.
     */
    public static FutureCallGraph captureCallGraph(Future<?> future) {
        return FutureCallGraph.of(Objects.requireNonNull(CallGraphs.captureCallGraph(future.started())));
    }

    /**
     * The call graph of the current task as text, empty in a callback; see {@link #captureCallGraph(Future)}.
     *
     * <p>Source: {@code asyncio.format_call_graph()}.
     *
     * @throws IllegalStateException outside a running loop
     */
    public static String formatCallGraph() {
        return CallGraphs.formatCallGraph();
    }

    /** The call graph as text; see {@link #captureCallGraph(Future)}. Source: {@code asyncio.format_call_graph(future)}. */
    public static String formatCallGraph(Future<?> future) {
        return CallGraphs.formatCallGraph(future.started());
    }

    /**
     * Prints the call graph of the current task, if there is one; see {@link #captureCallGraph(Future)}.
     *
     * <p>Source: {@code asyncio.print_call_graph()}.
     *
     * @throws IllegalStateException outside a running loop
     */
    public static void printCallGraph() {
        CallGraphs.printCallGraph();
    }

    /** Prints the call graph; see {@link #captureCallGraph(Future)}. Source: {@code asyncio.print_call_graph(future, file=file)}. */
    public static void printCallGraph(Future<?> future, PrintStream file) {
        CallGraphs.printCallGraph(future.started(), file);
    }

    /**
     * Lets call graphs show that {@code waiter} awaits {@code future}: for code that waits by callbacks of its own. What awaits by this
     * library is shown without it.
     *
     * <p>Source: {@code asyncio.future_add_to_awaited_by(fut, waiter)}.
     */
    public static void futureAddToAwaitedBy(Future<?> future, Future<?> waiter) {
        AwaitedBy.futureAddToAwaitedBy(future.started(), waiter.started());
    }

    /**
     * What became of the requests to cancel a task, a line for each, the oldest first: who asked, with which message, in which line it was
     * delivered, and for what the task has waited next if it has caught the exception or is cleaning up. Of a task that is done, the last
     * line tells how it ended. Empty if nobody has asked, and for a future that is no task.
     *
     * <p>A task keeps the last 16 requests at least. In which line a body got one is known as long as fewer than a hundred in a second are
     * cancelled on its loop. The ledger holds names and lines, and keeps no other task alive. Call it in the loop's thread, or while the
     * loop does not run.
     *
     * <p>asyncio has no equivalent.
     */
    public static List<String> cancellationLedger(Future<?> task) {
        return task.started() instanceof dev.simul.Task<?> started ? CancellationLedger.cancellationLedger(started) : List.of();
    }

    /** Takes back a {@link #futureAddToAwaitedBy}. Source: {@code asyncio.future_discard_from_awaited_by(fut, waiter)}. */
    public static void futureDiscardFromAwaitedBy(Future<?> future, Future<?> waiter) {
        AwaitedBy.futureDiscardFromAwaitedBy(future.started(), waiter.started());
    }

    /**
     * Prints the pending tasks of the running loop, in the order of their creation: what each waits for, its stack, and who awaits it.
     *
     * <p>asyncio has no equivalent in a program.
     *
     * @throws IllegalStateException outside a running loop
     */
    public static void dumpTasks(PrintStream out) {
        dumpTasks(out, getRunningLoop());
    }

    /** As {@link #dumpTasks(PrintStream)}, for the given loop. In another thread, it may show a state that never was. */
    public static void dumpTasks(PrintStream out, EventLoop loop) {
        DumpTasks.dumpTasks(out, loop.delegate);
    }

    /**
     * A future that you complete yourself, by {@link Future#setResult} or {@link Future#complete}.
     *
     * <p>Cancelling a task that awaits it cancels it.
     *
     * <p>Source: {@code loop.create_future()}.
     *
     * @throws IllegalStateException outside a running loop
     */
    public static <T extends @Nullable Object> Future<T> createFuture() {
        return Future.createdBy(EventLoop.running());
    }

    /**
     * Waits until a stage of any kind is complete, and returns its result or throws its exception, unwrapped.
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
     * @param mayThrow the exception that the caller catches; others are thrown too
     */
    public static <T extends @Nullable Object, E extends Exception> T await(CompletionStage<T> stage, Class<E> mayThrow)
            throws E {
        return await(stage);
    }

    /** As {@link #await(CompletionStage)}: it is a stage, and a future as well. */
    public static <T extends @Nullable Object> T await(CompletableFuture<T> future) {
        return await((CompletionStage<T>) future);
    }

    /** As {@link #await(CompletionStage)}, for a future of any kind that is a stage as well, such as those of some drivers. */
    public static <T extends @Nullable Object, F extends Object & CompletionStage<T> & java.util.concurrent.Future<T>> T await(
            F future) {
        CompletionStage<T> stage = future;
        return await(stage);
    }

    /**
     * As {@link #await(CompletionStage)}, for a future that can only be waited for by blocking: a thread of the default executor
     * does that, unless a {@link dev.simul.FutureWrapper} knows a better way.
     */
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

    /** As {@link #wrapFuture(CompletionStage)}, for a future of any kind that is a stage as well, such as those of some drivers. */
    public static <T extends @Nullable Object, F extends Object & CompletionStage<T> & java.util.concurrent.Future<T>>
            Future<T> wrapFuture(F future) {
        CompletionStage<T> stage = future;
        return wrapFuture(stage);
    }

    /**
     * As {@link #wrapFuture(CompletionStage)}, for a future that can only be waited for by blocking: a thread of the executor
     * does that, unless a {@link dev.simul.FutureWrapper} knows a better way.
     */
    public static <T extends @Nullable Object> Future<T> wrapFuture(java.util.concurrent.Future<T> future) {
        if (future instanceof CompletableFuture<T> stage) {
            return wrapFuture((CompletionStage<T>) stage);
        }
        startCalls();
        return Future.of(WrapFutureKt.wrapFuture(future, EventLoop.running()));
    }

    /**
     * Pauses the task for {@code delay}; one that is not positive gives up exactly one turn.
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
     * Waits for all futures, which run concurrently; the result is their results in the order of the arguments.
     *
     * <p>The first failure or cancellation among them fails it at once; the others go on, and their later exceptions are dropped.
     * Cancelling it cancels the futures that are not done.
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

    /** As {@link #gather(Future...)}, for bodies, each of which runs as a task. */
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

    /** As {@link #gather(Callable, Callable...)}, for bodies that return nothing. */
    public static Future<List<@Nullable Void>> gather(Action first, Action... others) {
        List<Future<@Nullable Void>> tasks = new ArrayList<>(1 + others.length);
        tasks.add(createTask(first));
        for (var body : others) {
            tasks.add(createTask(body));
        }
        return gather(tasks);
    }

    /**
     * As {@link #gather(Future...)}, but it fails only if it is cancelled itself: when all have ended, the result is the given
     * futures, all of them done.
     *
     * <p>{@link Future#result}, {@link Future#exception} and {@link Future#isCancelled} tell how each one ended. Their exceptions
     * count as retrieved.
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
     * <p>It fails with an {@link IllegalArgumentException} if there are no futures. The name differs from Python's, since every
     * Java class has a {@code wait}, which hides a statically imported one.
     *
     * <p>Source: {@code asyncio.wait(fs)}.
     *
     * @param <F> the type of the futures, for example {@code Task<String>}
     */
    public static <F extends Future<?>> Future<WaitResult<F>> waitOn(Collection<? extends F> futures) {
        return waitOn(futures, null, ReturnWhen.ALL_COMPLETED);
    }

    /** As {@link #waitOn(Collection)}, until {@code returnWhen} is reached. Source: {@code asyncio.wait(fs, return_when=...)}. */
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
     * The futures in the order in which they complete, all running concurrently; in a body, a {@code for} loop awaits the next
     * one.
     *
     * <pre>{@code
     * for (Task<String> done : asCompleted(tasks)) {
     *     System.out.println(done.result());
     * }
     * }</pre>
     *
     * <p>Cancelling the waiting task cancels none of them. A second iteration continues where the first one stopped.
     *
     * <p>Source: {@code asyncio.as_completed(aws)}.
     *
     * @param <F> the type of the futures, for example {@code Task<String>}
     */
    public static <F extends Future<?>> Iterable<F> asCompleted(Collection<? extends F> futures) {
        return asCompleted(futures, null);
    }

    /**
     * As {@link #asCompleted(Collection)}; when {@code timeout} has passed, the next step throws a
     * {@link java.util.concurrent.TimeoutException}, which is not declared. Futures that are not done keep running.
     *
     * <p>Source: {@code asyncio.as_completed(aws, timeout=timeout)}.
     *
     * @param timeout the limit for all of them together; null for none
     */
    public static <F extends Future<?>> Iterable<F> asCompleted(
            Collection<? extends F> futures, @Nullable Duration timeout) {
        Map<dev.simul.Future<?>, F> given = start(futures);
        return new Completions<>(JavaTime.<@Nullable Object>asCompleted(given.keySet(), timeout), given);
    }

    /** As {@link #staggeredRace(List, Duration, Consumer)}; results that no caller gets are dropped. */
    public static <T extends @Nullable Object> Future<StaggeredResult<T>> staggeredRace(
            List<? extends Callable<? extends T>> attempts, @Nullable Duration delay) {
        return staggeredRace(attempts, delay, lost -> {});
    }

    /**
     * Runs attempts concurrently until one of them succeeds, then cancels the others and waits for them.
     *
     * <p>The first attempt begins at once, each further one when {@code delay} has passed since the previous one began, or when
     * that has failed. Each attempt is a task. Cancelling the race cancels them all, and waits for them.
     *
     * <p>Source: {@code asyncio.staggered.staggered_race(coro_fns, delay)}.
     *
     * @param delay null to wait until the previous attempt has failed
     * @param discard called with a result that no caller gets: the attempt succeeded although it was cancelled, or the calling
     *     task was cancelled at the same time
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
     * <p>If the future refuses the cancellation and has a result, that is returned; otherwise this fails with a
     * {@link java.util.concurrent.TimeoutException}. Cancelling this cancels the future.
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
     * As {@link #waitFor(Future, Duration)}, for a body; if the limit is not positive, the body does not start.
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
     * Runs a body with a time limit: when {@code delay} has passed the body is cancelled, and this fails with a
     * {@link java.util.concurrent.TimeoutException} instead of the cancellation.
     *
     * <p>The time starts with the body. A body that never awaits is never interrupted. Awaited at once it runs in place, in the
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
     * As {@link #timeout(Duration, Callable)}; the body may read and move the deadline.
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

    /** As {@link #timeoutAt(Duration, Callable)}; the body may read and move the deadline. */
    public static <T extends @Nullable Object> Future<T> timeoutAt(@Nullable Duration when, Body<Timeout, T> body) {
        return new Future<>(callInBody(() -> new Timeout(JavaTime.timeoutUntil(when)).run(body)));
    }

    /**
     * Runs a body, and waits for all tasks that it creates in its group.
     *
     * <pre>{@code
     * var pages = taskGroup(group -> List.of(
     *         group.createTask(() -> fetch("first")), group.createTask(() -> fetch("second")))).await();
     * System.out.println(pages.get(0).result());
     * }</pre>
     *
     * <p>The first failure, of a task or of the body, cancels all the others and the body; then all failures are thrown as one
     * {@link dev.simul.exceptions.ExceptionGroup}, in the order they happened, even if there is only one. Cancelling the task
     * cancels all of them. Awaited at once the body runs in place, in the caller's task and on its stack.
     *
     * <p>Source: {@code async with asyncio.TaskGroup() as group}.
     */
    public static <T extends @Nullable Object> Future<T> taskGroup(Body<TaskGroup, T> body) {
        return new Future<>(callInBody(() -> TaskGroup.run(body)));
    }

    /**
     * A future that follows {@code future}, but does not pass a cancellation on to it.
     *
     * <p>A failure that comes after the cancellation is reported to the loop's exception handler.
     *
     * <p>Source: {@code asyncio.shield(aw)}.
     */
    public static <T extends @Nullable Object> Future<T> shield(Future<T> future) {
        startCalls();
        return Future.of(ShieldKt.shield(future.started()));
    }

    /** As {@link #shield(Future)}, for a body, which runs as a task. */
    public static <T extends @Nullable Object> Future<T> shield(Callable<T> body) {
        return shield(createTask(body));
    }

    /** As {@link #shield(Callable)}, for a body that returns nothing. */
    public static Future<@Nullable Void> shield(Action body) {
        return shield(createTask(body));
    }

    /**
     * Calls {@code body} at once, and handles its exceptions type by type, in groups or alone.
     *
     * <pre>{@code
     * exceptStar(() -> fetchAll(), except -> except
     *         .on(IOException.class, group -> log(group))
     *         .on(TimeoutException.class, group -> {
     *             throw new Unreachable(group);
     *         }));
     * }</pre>
     *
     * <p>Each clause gets the exceptions of its type that earlier clauses left. Exceptions that no clause handles are rethrown,
     * together with exceptions of the handlers, in a group without a message; a single exception of a handler is thrown as it is.
     * Only a clause for cancellations handles a cancellation.
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
     * <p>Cancelling it ends the wait; the thread continues, and its result is dropped. For files, see {@link AsyncFiles}.
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
     * As {@link #toThread(Callable)}, for work that is told to stop if it is cancelled while a thread runs it.
     *
     * <pre>{@code
     * var rows = toThread(new ThreadOptions().onCancel(statement::cancel), () -> statement.executeQuery(sql)).await();
     * }</pre>
     *
     * <p>The wait still ends at once; the callable's result or exception is dropped. A callable that has not begun never does.
     * Stopping never affects other work of the same thread. If this interrupted the thread, the interrupt status is cleared
     * afterwards.
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

    // HTTP.

    /**
     * The JDK's HTTP client on the thread's current loop, with the JDK's default settings; see {@link #newHttpClientBuilder}.
     *
     * <pre>{@code
     * var client = newHttpClient();
     * var response = client.send(HttpRequest.newBuilder(uri).build(), BodyHandlers.ofString());
     * }</pre>
     *
     * @throws IllegalStateException if the thread has no current loop, see {@link #getEventLoop}
     */
    public static HttpClient newHttpClient() {
        return newHttpClientBuilder().build();
    }

    /**
     * A builder of clients on the thread's current loop: there, connections, time limits and subscribers of bodies run, whichever
     * thread makes a request.
     *
     * <p>{@code sendAsync} returns a {@link Future}; cancelling it closes the connection. {@code send} waits as {@link
     * Future#await} does: in a body only its task waits, another thread is blocked, and in a callback of the loop it fails before
     * anything is sent. Handlers and subscribers of your own are called on the loop, which they must not block; the JDK's that
     * write files, or hide others, are called in the executor. {@code BodyHandlers.ofInputStream()} and {@code ofLines()} are for
     * other threads alone: on a loop, use {@link HttpBodyHandlers#ofStream}.
     *
     * <p>The client speaks HTTP/1.1, whatever version it is told to prefer. Of authentication it knows Basic, of proxies those for
     * HTTP; others are passed by, as the JDK's client does.
     *
     * <p>The methods {@code shutdown}, {@code shutdownNow}, {@code awaitTermination}, {@code isTerminated} and {@code close} are
     * there on newer JDKs. A client that is not closed ends with its loop.
     *
     * @throws IllegalStateException if the thread has no current loop, see {@link #getEventLoop}
     */
    public static HttpClient.Builder newHttpClientBuilder() {
        return HttpClients.newBuilder();
    }

    /** As {@link #newHttpServer(InetSocketAddress, int, HttpServerOptions)}, with default options. */
    public static HttpServer newHttpServer(@Nullable InetSocketAddress address, int backlog) throws IOException {
        return newHttpServer(address, backlog, HttpServerOptions.NONE);
    }

    /**
     * The JDK's HTTP server on the thread's current loop, as {@code HttpServer.create} makes one elsewhere. Its handlers, filters
     * and authenticators are bodies of the loop: they read, write and await in a straight line, and {@link #currentTask},
     * {@link #timeout} and {@link #taskGroup} work in them.
     *
     * <pre>{@code
     * var server = newHttpServer(new InetSocketAddress(8080), 0);
     * server.createContext("/", exchange -> {
     *     byte[] greeting = "Hello!".getBytes();
     *     exchange.sendResponseHeaders(200, greeting.length);
     *     exchange.getResponseBody().write(greeting);
     *     exchange.close();
     * });
     * server.start();
     * }</pre>
     *
     * <p>A stream that has to wait for the client waits as {@link Future#await} does: in a body only its task waits, and another
     * thread, such as one of {@link #toThread}, is blocked. When the connection is lost, streams throw an {@link IOException}, and
     * a handler that awaits anything else is cancelled; see {@link HttpServerOptions#halfClose}. If a handler fails, the loop's
     * exception handler gets the exception, and the client a 500, unless the response is on its way. What is written is kept until
     * there are 8 KiB, or the stream is flushed or closed, or all that was announced is there.
     *
     * <p>{@code start} may be called before the loop runs. {@code stop} closes the connections once no handler is busy, but at the
     * latest when the delay has passed: then handlers that are left are cancelled. In a body it waits for that without blocking the
     * loop. {@code setExecutor} accepts nothing but null.
     *
     * @param address to listen at; null if {@code bind} will say it
     * @param backlog how many connections may queue up until they are accepted; 100 if that is not positive
     * @throws IOException if the address is in use or not this machine's
     * @throws IllegalStateException if the thread has no current loop, see {@link #getEventLoop}
     */
    public static HttpServer newHttpServer(@Nullable InetSocketAddress address, int backlog, HttpServerOptions options)
            throws IOException {
        return HttpServers.newServer(address, backlog, options);
    }

    /** As {@link #newHttpsServer(InetSocketAddress, int, HttpServerOptions)}, with default options. */
    public static HttpsServer newHttpsServer(@Nullable InetSocketAddress address, int backlog) throws IOException {
        return newHttpsServer(address, backlog, HttpServerOptions.NONE);
    }

    /**
     * As {@link #newHttpServer(InetSocketAddress, int, HttpServerOptions)}, over TLS. Its {@code HttpsConfigurator} must be set
     * before it is started.
     */
    public static HttpsServer newHttpsServer(@Nullable InetSocketAddress address, int backlog, HttpServerOptions options)
            throws IOException {
        return HttpServers.newTlsServer(address, backlog, options);
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
     * @param limit the limit of the {@link StreamReader}, in bytes
     */
    public static Future<Streams> openConnection(
            @Nullable String host, int port, ConnectionOptions options, int limit) {
        var chosen = options.delegate();
        return call(
                continuation -> OpenConnectionKt.openConnection(host, port, limit, chosen, continuation), Streams::of);
    }

    /**
     * Listens at a port of {@code host}, and runs a body for each connection, in a task of its own.
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
     * <p>If the body fails or is cancelled, the connection is closed; if it returns, the connection stays open.
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
     * As {@link #startServer(String, int, ServerOptions, ClientConnected)}, for several hosts. If one cannot be bound, none is.
     *
     * @param limit the limit of each {@link StreamReader}, in bytes
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

    /** As {@link #openConnection(String, int)}, for the Unix domain socket at {@code path}. */
    public static Future<Streams> openUnixConnection(Path path) {
        return openUnixConnection(path, ConnectionOptions.NONE, StreamReader.DEFAULT_LIMIT);
    }

    /**
     * Connects to the Unix domain socket at {@code path}.
     *
     * <p>Source: {@code asyncio.open_unix_connection(path)}.
     *
     * @param options those about addresses are ignored
     * @param limit the limit of the {@link StreamReader}, in bytes
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
     * Listens at the Unix domain socket {@code path}, and runs a body for each connection, in a task of its own.
     *
     * <p>Source: {@code asyncio.start_unix_server(client_connected_cb, path)}.
     *
     * @param limit the limit of each {@link StreamReader}, in bytes
     * @param cleanupSocket whether the socket is removed when the server closes, unless the path holds another file by then
     * @return fails with {@link java.net.BindException} if the path holds a file that is not a socket
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
     * Starts {@code program}, which the system looks up, with {@code args}.
     *
     * <pre>{@code
     * var git = createSubprocessExec(new ProcessOptions().stdout(Redirect.PIPE), "git", "log").await();
     * for (String line : git.stdout().lines()) {
     *     System.out.println(line);
     * }
     * }</pre>
     *
     * <p>If the task is cancelled during the start, the child is killed and waited for. Afterwards it runs until it exits, is
     * killed, or the loop is closed. Starting it blocks the loop for some milliseconds.
     *
     * <p>Source: {@code asyncio.create_subprocess_exec(program, *args)}.
     *
     * @return fails with {@link java.io.IOException} if it cannot be started: there is no such program or directory, or the
     *     system refuses; with {@link IllegalArgumentException} if a stream cannot be redirected that way
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
     * As {@link #createSubprocessExec(ProcessOptions, String, String...)}, for a command line of the system's shell:
     * {@code /bin/sh -c}, on Windows {@code cmd /c}. The caller must quote untrusted text.
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
     * The items of any publisher, for a {@code for} loop in a body; as {@link #fromPublisher(Publisher, int)} with a prefetch of
     * 16.
     */
    public static <T> AsyncIterable<T> fromPublisher(Publisher<T> publisher) {
        return fromPublisher(publisher, 16);
    }

    /**
     * The items of any publisher, for a {@code for} loop in a body.
     *
     * <p>It subscribes once, when the first item is asked for, and closing it cancels the subscription. The publisher's error is
     * thrown after the items before it.
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
     * As {@link #generator}, for a body that returns something. The name differs because a body that never ends would fit both
     * overloads.
     */
    public static <Y extends @Nullable Object, S, R extends @Nullable Object> Generator<Y, S, R> generatorReturning(
            Generator.ReturningBody<Y, S, R> body) {
        return new Generator<>(body);
    }

    /**
     * Runs a block between entering and exiting {@code manager}.
     *
     * <p>Awaited at once it runs in place, in the caller's task and on its stack. An exception on exit replaces the block's,
     * which it has as a suppressed exception.
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
     * As {@link #asyncWith}, for a manager that does not await: it runs at once, and needs no loop. In a body the block may
     * await.
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
     * A context manager for one block: a generator's body that sets up, yields the block's value once, and cleans up; it may
     * await.
     *
     * <p>The {@code yield} throws the block's exception, which may be a cancellation. If the body catches it and ends, it is
     * suppressed. Entering and exiting throw an {@link IllegalStateException} if the body does not yield exactly once.
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
     * A context manager that passes {@code thing} to its block, and closes it at the end.
     *
     * <p>An exception of the close replaces the block's exception, as in Python; in {@code try}-with-resources it is the other
     * way round.
     *
     * <p>Source: {@code contextlib.closing(thing)}, {@code contextlib.aclosing(thing)}.
     */
    public static <C extends AutoCloseable> ContextManager<C> closing(C thing) {
        return Managers.fromRuntime(ClosingKt.closing(thing));
    }

    /** A context manager that does nothing. Source: {@code contextlib.nullcontext()}. */
    public static ContextManager<@Nullable Void> nullContext() {
        return nullContext(null);
    }

    /**
     * A context manager that passes {@code value} to its block and does nothing else. Source:
     * {@code contextlib.nullcontext(value)}.
     */
    public static <T extends @Nullable Object> ContextManager<T> nullContext(T value) {
        return Managers.fromRuntime((dev.simul.generators.ContextManager<T>) NullContextKt.nullContext(value));
    }

    /**
     * A context manager that suppresses exceptions of the given types.
     *
     * <p>It also removes such exceptions from an exception group, at any depth, and rethrows the group of the remaining ones.
     *
     * <p>Source: {@code contextlib.suppress(*exceptions)}.
     */
    @SafeVarargs
    @SuppressWarnings("varargs") // Only read.
    public static ContextManager<@Nullable Void> suppress(Class<? extends Throwable>... types) {
        return Managers.suppress(types);
    }

    // Again and again.

    /** As {@link #retry(int, Backoff, Predicate, Callable)}, for every exception. */
    public static <T extends @Nullable Object> Future<T> retry(int attempts, Backoff backoff, Callable<T> body) {
        return retry(attempts, backoff, failure -> true, body);
    }

    /** As {@link #retry(int, Backoff, Callable)}, for a body that returns nothing. */
    public static Future<@Nullable Void> retry(int attempts, Backoff backoff, Action body) {
        return retry(attempts, backoff, new ActionBody(body));
    }

    /**
     * Runs a body until it returns, at most {@code attempts} times, with the pauses of {@code backoff} between the attempts.
     *
     * <pre>{@code
     * var backoff = Backoff.exponential(ofMillis(100), 2, ofSeconds(10)).jittered();
     * var page = retry(5, backoff, e -> e instanceof IOException, () -> timeout(ofSeconds(2), () -> fetch(address)).await()).await();
     * }</pre>
     *
     * <p>After a failure that {@code retryIf} refuses, or the last attempt's, that failure is thrown, with those of the attempts
     * before it as its suppressed exceptions, the earliest first, but only the last sixteen.
     *
     * <p>Only an {@link Exception} is retried, never an {@link Error}, and never a cancellation. If the body answers a
     * cancellation of its task with a failure, that is thrown at once as well. Cancelling during a pause ends the pause, and
     * throws the cancellation, with the failures so far as its suppressed exceptions.
     *
     * <p>{@link #timeout(Duration, Callable)} around this limits all attempts and pauses together, and ends them as a
     * cancellation does; inside the body it limits each attempt, and its {@link java.util.concurrent.TimeoutException} is retried
     * like any other failure.
     *
     * <p>Awaited at once the body runs in place, in the caller's task and on its stack. asyncio has no equivalent.
     *
     * @param attempts the maximum number of runs, including the first; {@code Integer.MAX_VALUE} for practically no limit
     * @param retryIf whether to try again after that failure; its own exceptions are thrown
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

    /** As {@link #every(Duration, Duration, MissedTicks, Action)}; it begins at once, and skips missed ticks. */
    public static Future<@Nullable Void> every(Duration period, Action body) {
        return every(period, Duration.ZERO, MissedTicks.SKIP, body);
    }

    /**
     * Runs a body once each {@code period}.
     *
     * <pre>{@code
     * var heartbeat = every(ofSeconds(10), () -> send(socket, "ping"));
     * }</pre>
     *
     * <p>The ticks are {@code initialDelay}, and then every {@code period} after that, on the loop's clock. A run that begins
     * late because the loop was busy does not move the later ticks, so they do not drift. Runs never overlap: {@code missedTicks}
     * decides about ticks that come while the body is running. A body that takes exactly one period misses none.
     *
     * <p>It ends when the body fails, with that failure, and when it is cancelled, during a run or between two runs. To continue
     * after a failure, catch it in the body. Ticks also count as missed when the loop was blocked between two runs, or the
     * machine slept. Between two runs it gives up at least one turn, so that other tasks get theirs even if each run overruns.
     *
     * <p>asyncio has no equivalent.
     *
     * @param initialDelay the delay before the first run: none if it is not positive; pass {@code period} for a first run at the
     *     end of the first period
     * @return never has a result; fails with {@link IllegalArgumentException} if {@code period} is not positive
     */
    public static Future<@Nullable Void> every(
            Duration period, Duration initialDelay, MissedTicks missedTicks, Action body) {
        return new Future<>(callInBody(
                () -> Repeating.everyInBody(period, initialDelay, missedTicks, new ActionBody(body))));
    }
}
