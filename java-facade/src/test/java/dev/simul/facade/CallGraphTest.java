// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade;

import dev.simul.bodies.Carrier;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import static dev.simul.facade.Asyncio.await;
import static dev.simul.facade.Asyncio.captureCallGraph;
import static dev.simul.facade.Asyncio.createFuture;
import static dev.simul.facade.Asyncio.createTask;
import static dev.simul.facade.Asyncio.formatCallGraph;
import static dev.simul.facade.Asyncio.gather;
import static dev.simul.facade.Asyncio.newEventLoop;
import static dev.simul.facade.Asyncio.sleep;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

class CallGraphTest {
    static List<Carrier> carriers() {
        return Carrier.available();
    }

    private static <T> T runOn(Carrier carrier, Callable<T> body) {
        return Asyncio.run(
                null,
                () -> {
                    var loop = newEventLoop();
                    loop.setCarrier(carrier);
                    return loop;
                },
                body);
    }

    private static void middle(Future<Void> future) {
        innermost(future);
    }

    private static void innermost(Future<Void> future) {
        await(future);
    }

    /** The names of the methods of this class. */
    private static List<String> methods(FutureCallGraph graph) {
        return graph.callStack().stream()
                .map(FrameCallGraphEntry::frame)
                .filter(frame -> frame.getClassName().equals(CallGraphTest.class.getName()))
                .map(StackTraceElement::getMethodName)
                .filter(name -> !name.startsWith("lambda$"))
                .toList();
    }

    @ParameterizedTest
    @MethodSource("carriers")
    @DisplayName("the stack of a body that waits has the user's methods, the innermost first, and none of this library's")
    void stackOfBody(Carrier carrier) {
        runOn(carrier, () -> {
            Future<Void> future = createFuture();
            var task = createTask(() -> middle(future));
            var other = createTask(() -> innermost(future)); // whose stack runs the loop meanwhile, on some carriers
            sleep(Duration.ofMillis(1)).await();
            for (int turn = 0; turn < 3; turn++) {
                var graph = captureCallGraph(task);
                assertEquals(List.of("innermost", "middle"), methods(graph));
                assertEquals(List.of("innermost"), methods(captureCallGraph(other)));
                assertSame(task, graph.future());
                for (var entry : graph.callStack()) {
                    assertFalse(entry.frame().getClassName().startsWith("dev.simul.bodies."), entry::toString);
                    assertFalse(entry.frame().getClassName().equals(Asyncio.class.getName()), entry::toString);
                    assertFalse(entry.isAsync());
                }
                sleep(Duration.ZERO).await();
            }
            future.setResult(null);
            return await(gather(List.of(task, other)));
        });
    }

    @ParameterizedTest
    @MethodSource("carriers")
    @DisplayName("the stack of a body passes through the calls that it runs in place")
    void callsInPlace(Carrier carrier) {
        runOn(carrier, () -> {
            Future<Void> future = createFuture();
            var task = createTask(() -> await(Asyncio.timeout(Duration.ofHours(1), () -> {
                middle(future);
                return null;
            })));
            sleep(Duration.ofMillis(1)).await();
            assertEquals(List.of("innermost", "middle"), methods(captureCallGraph(task)));
            future.setResult(null);
            return await(task);
        });
    }

    @ParameterizedTest
    @MethodSource("carriers")
    @DisplayName("the stack of the current body is its thread's, without this library's methods")
    void currentBody(Carrier carrier) {
        var graph = runOn(carrier, () -> {
            sleep(Duration.ZERO).await();
            return here();
        });
        assertEquals(List.of("here"), methods(graph));
        assertEquals("here", graph.callStack().get(0).frame().getMethodName());
    }

    private static FutureCallGraph here() {
        return captureCallGraph();
    }

    @ParameterizedTest
    @MethodSource("carriers")
    @DisplayName("awaiters are told across gather, groups and bodies")
    void awaiters(Carrier carrier) {
        runOn(carrier, () -> {
            Future<Void> future = createFuture();
            var child = createTask(new TaskOptions().name("child"), () -> middle(future));
            createTask(new TaskOptions().name("parent"), () -> await(gather(List.of(child))));
            sleep(Duration.ofMillis(1)).await();
            var text = formatCallGraph(child).replaceAll("0x[0-9a-f]+", "0x0");
            var heads = text.lines().filter(line -> line.contains("* ")).map(String::strip).toList();
            assertEquals(
                    List.of("* Task(name='child', id=0x0)", "* gather(id=0x0)", "* Task(name='parent', id=0x0)"), heads, text);
            assertTrue(text.contains("  + waiting for <Future pending>"), text);
            assertFalse(text.contains("dev.simul.interop") || text.contains("app//") || text.contains("Lambda"), text);
            future.setResult(null);
            return null;
        });
    }

    @Test
    @DisplayName("the tasks of a loop are listed, from this thread and from another one")
    void dump() {
        Asyncio.run(() -> {
            Future<Void> future = createFuture();
            createTask(new TaskOptions().name("waits"), () -> middle(future));
            sleep(Duration.ofMillis(1)).await();
            var loop = Asyncio.getRunningLoop();
            var here = new ByteArrayOutputStream();
            Asyncio.dumpTasks(new PrintStream(here));
            var elsewhere = new ByteArrayOutputStream();
            var thread = new Thread(() -> Asyncio.dumpTasks(new PrintStream(elsewhere), loop));
            thread.start();
            thread.join();
            for (var out : List.of(here, elsewhere)) {
                assertTrue(out.toString().startsWith("2 tasks of <EventLoop"), out::toString);
                assertTrue(out.toString().contains("* Task(name='waits', id="), out::toString);
                assertTrue(out.toString().contains("CallGraphTest.middle(CallGraphTest.java:"), out::toString);
            }
            future.setResult(null);
            return null;
        });
    }

    @Test
    @DisplayName("what users tell is shown until they take it back")
    void told() {
        Asyncio.run(() -> {
            Future<Void> future = createFuture();
            Future<Void> waiter = createFuture();
            Asyncio.futureAddToAwaitedBy(future, waiter);
            assertEquals(1, captureCallGraph(future).awaitedBy().size());
            Asyncio.futureDiscardFromAwaitedBy(future, waiter);
            assertEquals(0, captureCallGraph(future).awaitedBy().size());
            var out = new ByteArrayOutputStream();
            Asyncio.printCallGraph(future, new PrintStream(out));
            assertTrue(out.toString().startsWith("* Future(id=0x"), out::toString);
            return null;
        });
    }

    @Test
    @DisplayName("there is none in a callback, and outside a loop one has to say which")
    void none() {
        assertThrows(IllegalStateException.class, Asyncio::captureCallGraph);
        assertThrows(IllegalStateException.class, Asyncio::formatCallGraph);
        Asyncio.run(() -> {
            Future<String> text = createFuture();
            Asyncio.getRunningLoop().callSoon(() -> {
                assertNull(captureCallGraph());
                Asyncio.printCallGraph(); // prints nothing
                text.setResult(formatCallGraph());
            });
            assertEquals("", await(text));
            return null;
        });
    }
}
