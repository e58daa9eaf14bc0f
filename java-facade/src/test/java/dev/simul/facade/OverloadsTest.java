// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade;

import java.io.StringWriter;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import javax.tools.Diagnostic;
import javax.tools.DiagnosticCollector;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** What javac makes of bodies: each row is a statement that it compiles, or refuses for the reason that stands beside it. */
class OverloadsTest {
    private static final String AMBIGUOUS = "compiler.err.ref.ambiguous";
    private static final String MISMATCH = "compiler.err.cant.apply.symbols";
    private static final String ONE_MISMATCH = "compiler.err.cant.apply.symbol";

    /** What the statements may use. */
    private static final String SCOPE =
            """
            import dev.simul.facade.Action;
            import dev.simul.facade.AsyncContextManager;
            import dev.simul.facade.BackgroundLoop;
            import dev.simul.facade.Context;
            import dev.simul.facade.Future;
            import dev.simul.facade.Queue;
            import dev.simul.facade.Task;
            import dev.simul.facade.TaskOptions;
            import java.io.IOException;
            import java.time.Duration;
            import java.util.List;
            import java.util.concurrent.Callable;
            import static dev.simul.facade.Asyncio.asyncWith;
            import static dev.simul.facade.Asyncio.await;
            import static dev.simul.facade.Asyncio.createTask;
            import static dev.simul.facade.Asyncio.exceptStar;
            import static dev.simul.facade.Asyncio.gather;
            import static dev.simul.facade.Asyncio.run;
            import static dev.simul.facade.Asyncio.runLoop;
            import static dev.simul.facade.Asyncio.shield;
            import static dev.simul.facade.Asyncio.taskGroup;
            import static dev.simul.facade.Asyncio.timeout;
            import static dev.simul.facade.Asyncio.timeoutAt;
            import static dev.simul.facade.Asyncio.toThread;
            import static dev.simul.facade.Asyncio.waitFor;

            class Program {
                static final Duration LIMIT = Duration.ofSeconds(1);

                static void nothing() throws IOException {}

                static String something() throws IOException {
                    return "something";
                }

                static void either() {}

                static String either(String argument) {
                    return argument;
                }

                static <T> T generic() {
                    return null;
                }

                static String varied(String... arguments) {
                    return "varied";
                }

                Queue<String> queue;
                Future<String> future;
                BackgroundLoop background;
                Runnable runnable;
                Action action;
                Callable<String> callable;
                AsyncContextManager<String> manager;
            """;

    /** Where the overloads are that the facade has not. */
    private static final String WITH_ARGUMENT =
            """
            import java.util.List;

            class Program {
                interface Returning<S, T> {
                    T call(S scope) throws Exception;
                }

                interface Nothing<S> {
                    void run(S scope) throws Exception;
                }

                static <T> T with(Returning<String, T> body) {
                    return null;
                }

                static void with(Nothing<String> body) {}

                static void nothing(String argument) {}
            """;

    @TempDir
    private Path classes;

    private record Row(String statement, String refusal) {}

    private static Row compiles(String statement) {
        return new Row(statement, "");
    }

    private static Row refused(String statement, String refusal) {
        return new Row(statement, refusal);
    }

    private static List<Row> rows() {
        return List.of(
                // Blocks: those that return a value are callables, those that do not are actions.
                compiles("run(() -> { nothing(); });"),
                compiles("run(() -> {});"),
                compiles("run(() -> { if (runnable == null) return; nothing(); });"),
                compiles("String result = run(() -> { return something(); });"),
                compiles("String result = run(() -> { if (runnable == null) return null; return something(); });"),
                compiles("Task<Void> task = createTask(() -> { nothing(); });"),
                compiles("Task<String> task = createTask(() -> { return something(); });"),
                // A block that never ends normally may be either, and is a callable.
                compiles("Task<String> task = createTask(() -> { throw new IOException(); });"),
                compiles("Task<Void> task = createTask(() -> { throw new IOException(); });"),
                compiles("Task<Void> task = createTask(() -> { while (true) await(queue.get()); });"),
                compiles("var task = createTask(() -> { throw new IOException(); }); Object result = await(task);"),
                // Expressions: of type void they are actions, and else callables.
                compiles("Task<Void> task = createTask(() -> nothing());"),
                compiles("Task<String> task = createTask(() -> something());"),
                compiles("Task<String> task = createTask(() -> await(queue.get()));"),
                compiles("Task<String> task = createTask(() -> generic());"),
                compiles("Task<Task<Void>> task = createTask(() -> createTask(() -> nothing()));"),
                compiles("Task<Integer> task = createTask(() -> 1);"),
                compiles("Task<Void> task = createTask(() -> null);"),
                compiles("createTask(() -> something());"),
                refused("Task<Void> task = createTask(() -> something());", "compiler.err.prob.found.req"),
                compiles("Task<Void> task = createTask(() -> { something(); });"),
                compiles("Task<Void> task = createTask(() -> either());"),
                // References to one method alone are as clear as expressions.
                compiles("run(Program::nothing);"),
                compiles("String result = run(Program::something);"),
                compiles("Task<String> task = createTask(future::await);"),
                compiles("Task<String> task = createTask(future::join);"),
                compiles("Task<Void> task = createTask(runnable::run);"),
                // References that may mean several methods are not: of an overloaded, a generic or a variadic one.
                refused("run(Program::either);", AMBIGUOUS),
                refused("createTask(future::get);", AMBIGUOUS),
                refused("run(Program::generic);", AMBIGUOUS),
                refused("run(Program::varied);", AMBIGUOUS),
                compiles("run(() -> either());"),
                compiles("createTask(() -> future.get());"),
                compiles("Object result = run(() -> generic());"),
                compiles("run(() -> varied());"),
                compiles("run((Action) Program::either);"),
                compiles("createTask((Callable<String>) future::get);"),
                // What has a type has no choice.
                compiles("run(action);"),
                compiles("String result = run(callable);"),
                compiles("action.run(); callable.call();"),
                refused("run(runnable);", MISMATCH),
                refused("run(null);", AMBIGUOUS),
                compiles("run(runnable != null ? action : action);"),
                compiles("String result = run(runnable != null ? () -> something() : callable);"),
                // Everywhere else as well.
                compiles("run(true, null, () -> nothing());"),
                compiles("runLoop(() -> nothing()); String result = runLoop(() -> something());"),
                compiles("runLoop(true, null, () -> { nothing(); });"),
                compiles("Task<Void> task = createTask(\"name\", () -> { nothing(); });"),
                compiles("Task<String> task = createTask(new TaskOptions(), () -> something());"),
                compiles("Future<Void> call = timeout(LIMIT, () -> { nothing(); });"),
                compiles("Future<String> call = timeout(LIMIT, () -> something());"),
                compiles("Future<Void> call = timeoutAt(LIMIT, Program::nothing);"),
                compiles("Future<Void> call = waitFor(() -> { nothing(); }, LIMIT);"),
                compiles("Future<String> call = waitFor(future, LIMIT);"),
                compiles("Future<Void> call = shield(() -> nothing()); Future<String> other = shield(future);"),
                compiles("Future<Void> call = toThread(() -> Thread.sleep(1));"),
                compiles("Future<String> call = toThread(() -> something());"),
                compiles("Future<Void> call = background.submit(() -> { nothing(); });"),
                compiles("Future<List<Void>> call = gather(() -> nothing(), () -> nothing(), () -> { nothing(); });"),
                compiles("Future<List<String>> call = gather(() -> something(), Program::something);"),
                compiles("Future<List<Object>> call = gather(() -> something(), () -> 1);"),
                refused("gather(() -> nothing(), () -> something(), () -> 1);", MISMATCH),
                compiles("gather(createTask(() -> nothing()), createTask(() -> something()));"),
                compiles("exceptStar(() -> { nothing(); }, except -> except.on(IOException.class, group -> {}));"),
                compiles("new Context().run(() -> nothing()); String result = new Context().run(() -> something());"),
                // A body with an argument returns something, if only null.
                compiles("Future<Task<Void>> call = taskGroup(group -> group.createTask(() -> nothing()));"),
                compiles("Future<Void> call = taskGroup(group -> { group.createTask(() -> nothing()); return null; });"),
                refused("taskGroup(group -> { group.createTask(() -> nothing()); });", ONE_MISMATCH),
                compiles("Future<Void> call = timeout(LIMIT, scope -> { nothing(); return null; });"),
                refused("timeout(LIMIT, scope -> { nothing(); });", MISMATCH),
                compiles("Future<Void> call = asyncWith(manager, value -> { nothing(); return null; });"),
                refused("asyncWith(manager, value -> { nothing(); });", ONE_MISMATCH));
    }

    @TestFactory
    @DisplayName("javac tells bodies that return nothing from those that return something")
    Stream<DynamicTest> rowByRow() {
        return tested(SCOPE, rows());
    }

    /** Why {@code taskGroup} and its like have no second overload: the most common lambdas would be ambiguous. */
    @TestFactory
    @DisplayName("of bodies with an argument, javac could choose for blocks but not for calls")
    Stream<DynamicTest> withAnArgument() {
        return tested(
                WITH_ARGUMENT,
                List.of(
                        compiles("with(it -> { nothing(it); });"),
                        compiles("with(it -> { return it.length(); });"),
                        compiles("with(it -> it + it);"),
                        compiles("with(String::length);"),
                        refused("with(it -> it.length());", AMBIGUOUS),
                        refused("with(it -> List.of(it));", AMBIGUOUS),
                        refused("with(it -> nothing(it));", AMBIGUOUS),
                        refused("with(it -> { throw new IllegalStateException(); });", AMBIGUOUS)));
    }

    @Test
    @DisplayName("what javac refuses is named in the guide")
    void inTheGuide() throws Exception {
        String guide = Files.readString(Path.of("../docs/guide/java.md"));
        var named = List.of("createTask(future::get)", "createTask(() -> future.get())", "Task<Void> task = createTask(() -> something())");
        var statements = rows().stream().map(Row::statement).toList();
        for (String each : named) {
            assertTrue(guide.contains(each), () -> "the guide should have " + each);
            assertTrue(statements.contains(each + ";"), each);
        }
    }

    /** Those that should compile are compiled together; each other one alone, since one error keeps javac from looking for some others. */
    private Stream<DynamicTest> tested(String scope, List<Row> rows) {
        var found = refusals(scope, rows.stream().filter(row -> row.refusal.isEmpty()).toList());
        rows.stream().filter(row -> !row.refusal.isEmpty()).forEach(row -> found.putAll(refusals(scope, List.of(row))));
        return rows.stream()
                .map(row -> DynamicTest.dynamicTest(
                        row.statement, () -> assertEquals(row.refusal, found.getOrDefault(row, ""))));
    }

    /** The code of the first error of each row that has one. */
    private Map<Row, String> refusals(String scope, List<Row> rows) {
        int before = (int) scope.lines().count();
        var source = new StringBuilder(scope);
        for (Row row : rows) {
            source.append("void row").append(rows.indexOf(row)).append("() throws Exception { ").append(row.statement).append(" }\n");
        }
        var found = new HashMap<Row, String>();
        for (var error : errors(source.append("}\n").toString())) {
            found.putIfAbsent(rows.get((int) error.getLineNumber() - 1 - before), error.getCode());
        }
        return found;
    }

    private List<? extends Diagnostic<?>> errors(String source) {
        var diagnostics = new DiagnosticCollector<JavaFileObject>();
        var file = new SimpleJavaFileObject(URI.create("string:///Program.java"), JavaFileObject.Kind.SOURCE) {
            @Override
            public CharSequence getCharContent(boolean ignoreEncodingErrors) {
                return source;
            }
        };
        var options = List.of(
                "--release", "17", "-proc:none", "-Xlint:none", "-Xmaxerrs", "1000",
                "-d", classes.toString(), "-classpath", System.getProperty("java.class.path"));
        ToolProvider.getSystemJavaCompiler()
                .getTask(new StringWriter(), null, diagnostics, options, null, List.of(file))
                .call();
        return diagnostics.getDiagnostics().stream()
                .filter(it -> it.getKind() == Diagnostic.Kind.ERROR)
                .toList();
    }
}
