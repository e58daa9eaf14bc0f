// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade;

import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BiConsumer;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

import static dev.simul.facade.Asyncio.await;
import static dev.simul.facade.Asyncio.createFuture;
import static dev.simul.facade.Asyncio.createTask;
import static dev.simul.facade.Asyncio.getRunningLoop;
import static dev.simul.facade.Asyncio.sleep;
import static dev.simul.facade.Asyncio.toThread;
import static dev.simul.facade.VirtualTime.seconds;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** All that a {@link CompletableFuture} can be asked, of the futures here. */
class FutureMethodsTest {
    /** A row: the method; what comes of it for a call and a task; and for a future that was created. Each would end with "result". */
    private static final String TABLE =
            """
            acceptEither(CompletionStage,Consumer)               | null                  | null
            acceptEitherAsync(CompletionStage,Consumer)          | null                  | null
            acceptEitherAsync(CompletionStage,Consumer,Executor) | null                  | null
            applyToEither(CompletionStage,Function)              | other!                | other!
            applyToEitherAsync(CompletionStage,Function)         | other!                | other!
            applyToEitherAsync(CompletionStage,Function,Executor)| other!                | other!
            cancel(boolean)                                      | true                  | true
            complete(Object)                                     | refused               | true
            completeAsync(Supplier)                              | refused               | supplied
            completeAsync(Supplier,Executor)                     | refused               | supplied
            completeExceptionally(Throwable)                     | refused               | true
            completeOnTimeout(Object,long,TimeUnit)              | refused               | result
            copy()                                               | result                | result
            defaultExecutor()                                    | an executor           | an executor
            exceptionNow()                                       | InvalidStateException | InvalidStateException
            exceptionally(Function)                              | result                | result
            exceptionallyAsync(Function)                         | result                | result
            exceptionallyAsync(Function,Executor)                | result                | result
            exceptionallyCompose(Function)                       | result                | result
            exceptionallyComposeAsync(Function)                  | result                | result
            exceptionallyComposeAsync(Function,Executor)         | result                | result
            get()                                                | result                | result
            get(long,TimeUnit)                                   | result                | result
            getNow(Object)                                       | value                 | value
            getNumberOfDependents()                              | 0                     | 0
            handle(BiFunction)                                   | result null           | result null
            handleAsync(BiFunction)                              | result null           | result null
            handleAsync(BiFunction,Executor)                     | result null           | result null
            isCancelled()                                        | false                 | false
            isCompletedExceptionally()                           | false                 | false
            isDone()                                             | false                 | false
            join()                                               | result                | result
            minimalCompletionStage()                             | result                | result
            newIncompleteFuture()                                | a new future          | a new future
            obtrudeException(Throwable)                          | refused               | refused
            obtrudeValue(Object)                                 | refused               | refused
            orTimeout(long,TimeUnit)                             | refused               | result
            resultNow()                                          | InvalidStateException | InvalidStateException
            runAfterBoth(CompletionStage,Runnable)               | null                  | null
            runAfterBothAsync(CompletionStage,Runnable)          | null                  | null
            runAfterBothAsync(CompletionStage,Runnable,Executor) | null                  | null
            runAfterEither(CompletionStage,Runnable)             | null                  | null
            runAfterEitherAsync(CompletionStage,Runnable)        | null                  | null
            runAfterEitherAsync(CompletionStage,Runnable,Executor)| null                 | null
            state()                                              | RUNNING               | RUNNING
            thenAccept(Consumer)                                 | null                  | null
            thenAcceptAsync(Consumer)                            | null                  | null
            thenAcceptAsync(Consumer,Executor)                   | null                  | null
            thenAcceptBoth(CompletionStage,BiConsumer)           | null                  | null
            thenAcceptBothAsync(CompletionStage,BiConsumer)      | null                  | null
            thenAcceptBothAsync(CompletionStage,BiConsumer,Executor)| null               | null
            thenApply(Function)                                  | result!               | result!
            thenApplyAsync(Function)                             | result!               | result!
            thenApplyAsync(Function,Executor)                    | result!               | result!
            thenCombine(CompletionStage,BiFunction)              | result other          | result other
            thenCombineAsync(CompletionStage,BiFunction)         | result other          | result other
            thenCombineAsync(CompletionStage,BiFunction,Executor)| result other          | result other
            thenCompose(Function)                                | result!               | result!
            thenComposeAsync(Function)                           | result!               | result!
            thenComposeAsync(Function,Executor)                  | result!               | result!
            thenRun(Runnable)                                    | null                  | null
            thenRunAsync(Runnable)                               | null                  | null
            thenRunAsync(Runnable,Executor)                      | null                  | null
            toCompletableFuture()                                | result                | result
            whenComplete(BiConsumer)                             | result                | result
            whenCompleteAsync(BiConsumer)                        | result                | result
            whenCompleteAsync(BiConsumer,Executor)               | result                | result
            """;

    /** What JDK 17 has not. */
    private static final List<String> NEWER = List.of("exceptionNow()", "resultNow()", "state()");

    private static final Map<Class<?>, Object> ARGUMENTS = Map.ofEntries(
            Map.entry(BiConsumer.class, (BiConsumer<Object, Object>) (one, other) -> {}),
            Map.entry(BiFunction.class, (BiFunction<Object, Object, Object>) (one, other) -> one + " " + other),
            Map.entry(CompletionStage.class, CompletableFuture.completedFuture("other")),
            Map.entry(Consumer.class, (Consumer<Object>) it -> {}),
            Map.entry(Executor.class, (Executor) Runnable::run),
            Map.entry(Function.class, (Function<Object, Object>) it -> it + "!"),
            Map.entry(Object.class, "value"),
            Map.entry(Runnable.class, (Runnable) () -> {}),
            Map.entry(Supplier.class, (Supplier<Object>) () -> "supplied"),
            Map.entry(Throwable.class, new IOException("given")),
            Map.entry(TimeUnit.class, TimeUnit.SECONDS),
            Map.entry(boolean.class, true),
            Map.entry(long.class, 2L));

    private static final Duration SOON = Duration.ofMillis(1);

    private record Row(String method, String ofCalls, String ofCreated) {}

    private static List<Row> rows() {
        return TABLE.lines()
                .map(line -> line.split(" *\\| *"))
                .map(cells -> new Row(cells[0], cells[1], cells[2]))
                .toList();
    }

    private static Map<String, Method> methods() {
        return Stream.of(CompletableFuture.class.getMethods())
                .filter(it -> !Modifier.isStatic(it.getModifiers()) && !it.isBridge())
                .filter(it -> it.getDeclaringClass() != Object.class && !it.getName().equals("toString"))
                .collect(Collectors.toMap(FutureMethodsTest::signature, it -> it));
    }

    private static String signature(Method method) {
        return Stream.of(method.getParameterTypes())
                .map(Class::getSimpleName)
                .collect(Collectors.joining(",", method.getName() + "(", ")"));
    }

    @Test
    @DisplayName("the table has every method of a CompletableFuture, and no other")
    void complete() {
        var listed = rows().stream().map(Row::method).collect(Collectors.toCollection(TreeSet::new));
        if (Runtime.version().feature() < 19) {
            NEWER.forEach(listed::remove);
        }
        assertEquals(listed, new TreeSet<>(methods().keySet()));
    }

    @TestFactory
    @DisplayName("every method of a CompletableFuture works, or says what to use instead")
    Stream<DynamicTest> each() {
        var methods = methods();
        return rows().stream().filter(row -> methods.containsKey(row.method)).flatMap(row -> {
            var method = methods.get(row.method);
            return Stream.of(
                    test(row.method + " of a call", row.ofCalls, method, () -> sleep(SOON, "result")),
                    test(row.method + " of a task", row.ofCalls, method, () -> createTask(() -> sleep(SOON, "result").await())),
                    test(row.method + " of a created future", row.ofCreated, method, () -> {
                        Future<String> future = createFuture();
                        if (!method.getName().equals("completeAsync")) {
                            getRunningLoop().callLater(SOON, () -> future.complete("result"));
                        }
                        return future;
                    }));
        });
    }

    private static DynamicTest test(String name, String expected, Method method, Callable<Future<String>> make) {
        return DynamicTest.dynamicTest(name, () -> Asyncio.run(() -> assertEquals(expected, outcome(method, make.call()))));
    }

    private static String outcome(Method method, Future<String> future) throws Exception {
        Object[] arguments = Arrays.stream(method.getParameterTypes()).map(ARGUMENTS::get).toArray();
        if (method.getName().contains("Compose")) {
            arguments[0] = (Function<Object, Object>) it -> CompletableFuture.completedFuture(it + "!");
        }
        try {
            Object result = method.invoke(future, arguments);
            if (method.getName().equals("newIncompleteFuture")) {
                return result.getClass() == CompletableFuture.class ? "a new future" : String.valueOf(result);
            }
            if (result instanceof CompletionStage<?> stage) {
                return String.valueOf(await(stage));
            }
            return result instanceof Executor ? "an executor" : String.valueOf(result);
        } catch (InvocationTargetException e) {
            var thrown = e.getCause();
            if (!(thrown instanceof UnsupportedOperationException)) {
                return thrown.getClass().getSimpleName();
            }
            assertTrue(thrown.getMessage().contains(": use "), thrown.getMessage());
            return "refused";
        }
    }

    @Test
    @DisplayName("the timeouts of a created future go by the loop's clock")
    void timeouts() {
        VirtualTime.run(() -> {
            Future<String> late = createFuture();
            late.completeOnTimeout("in the end", 1, TimeUnit.HOURS);
            assertEquals("in the end", late.await());
            assertEquals(seconds(3600), getRunningLoop().time());
            Future<String> never = createFuture();
            assertSame(never, never.orTimeout(1, TimeUnit.HOURS));
            assertThrows(TimeoutException.class, never::await);
            assertEquals(seconds(7200), getRunningLoop().time());
            Future<String> past = createFuture();
            past.orTimeout(-1, TimeUnit.SECONDS);
            assertThrows(TimeoutException.class, past::await);
            assertEquals(seconds(7200), getRunningLoop().time());
        });
    }

    @Test
    @DisplayName("a future that is done in time leaves no timer behind")
    void inTime() {
        var clock = new VirtualClock();
        clock.run(() -> {
            Future<String> future = createFuture();
            future.orTimeout(1, TimeUnit.HOURS);
            future.completeOnTimeout("late", 2, TimeUnit.HOURS);
            future.complete("in time");
            future.orTimeout(1, TimeUnit.HOURS);
            assertEquals("in time", future.await());
            sleep(seconds(0)).await();
            Future<String> nothing = createFuture();
            var waiting = createTask(() -> nothing.await());
            sleep(seconds(1)).await();
            waiting.cancel();
        });
        assertEquals(seconds(1), clock.now());
    }

    @Test
    @DisplayName("another thread sets a timeout too, and so does who has a future whose loop is closed")
    void fromElsewhere() {
        Future<String> left = Asyncio.run(() -> {
            Future<String> future = createFuture();
            await(toThread(() -> future.completeOnTimeout("from elsewhere", 1, TimeUnit.MILLISECONDS)));
            assertEquals("from elsewhere", future.await());
            return createFuture();
        });
        assertEquals("after all", left.completeOnTimeout("after all", 1, TimeUnit.MILLISECONDS).join());
        Future<String> failing = Asyncio.run(() -> createFuture());
        var thrown = assertThrows(ExecutionException.class, failing.orTimeout(1, TimeUnit.MILLISECONDS)::get);
        assertInstanceOf(TimeoutException.class, thrown.getCause());
    }

    @Test
    @DisplayName("resultNow and exceptionNow tell what has come, in a body and in other threads")
    void now() {
        var ended = Asyncio.run(() -> {
            var result = createTask(() -> "result");
            var failure = createTask(() -> {
                throw new IOException("failure");
            });
            var cancelled = createTask(() -> sleep(seconds(1), "slept").await());
            sleep(seconds(0)).await();
            cancelled.cancel();
            sleep(seconds(0)).await();
            List<Task<?>> all = List.of(result, failure, cancelled);
            assertNow(all);
            return all;
        });
        assertNow(ended);
    }

    private static void assertNow(List<Task<?>> ended) {
        assertEquals("result", ended.get(0).resultNow());
        assertThrows(IllegalStateException.class, ended.get(0)::exceptionNow);
        assertEquals("failure", ended.get(1).exceptionNow().getMessage());
        assertThrows(IllegalStateException.class, ended.get(1)::resultNow);
        assertThrows(IllegalStateException.class, ended.get(2)::resultNow);
        assertThrows(IllegalStateException.class, ended.get(2)::exceptionNow);
    }
}
