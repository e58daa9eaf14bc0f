// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

import static dev.simul.facade.Asyncio.asyncContextManager;
import static dev.simul.facade.Asyncio.asyncWith;
import static dev.simul.facade.Asyncio.closing;
import static dev.simul.facade.Asyncio.nullContext;
import static dev.simul.facade.Asyncio.sleep;
import static dev.simul.facade.Asyncio.suppress;
import static dev.simul.facade.Asyncio.with;
import static dev.simul.facade.VirtualTime.seconds;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

class ExitStackTest {
    private final List<String> events = new ArrayList<>();

    private AsyncContextManager<String> connection(String host) {
        return asyncContextManager(gen -> {
            sleep(seconds(1)).await();
            events.add("opens " + host);
            try {
                gen.yield(host);
            } finally {
                sleep(seconds(1)).await();
                events.add("closes " + host);
            }
        });
    }

    @Test
    @DisplayName("an asynchronous stack leaves all that it holds, the last one first")
    void asyncStack() {
        VirtualTime.run(() -> asyncWith(new AsyncExitStack(), stack -> {
            assertEquals("a", stack.enterAsyncContext(connection("a")).await());
            assertEquals("b", stack.enterAsyncContext(connection("b")).await());
            assertEquals("c", stack.enterContext(nullContext("c")));
            AutoCloseable closeable = () -> events.add("closed");
            assertSame(closeable, stack.enterContext(closing(closeable)));
            stack.callback(() -> events.add("callback"));
            stack.pushAsyncCallback(() -> {
                sleep(seconds(1)).await();
                return events.add("async callback");
            });
            stack.pushAsyncExit(exception -> events.add("exit after " + exception) && false);
            stack.pushAsyncExit(nullContext());
            return null;
        }).await());
        assertEquals(
                List.of(
                        "opens a", "opens b", "exit after null", "async callback", "callback", "closed", "closes b",
                        "closes a"),
                events);
    }

    @Test
    @DisplayName("what one of them ends, those outside it do not see")
    void suppressing() {
        VirtualTime.run(() -> {
            assertNull(asyncWith(new AsyncExitStack(), stack -> {
                stack.pushAsyncExit(exception -> events.add("outer " + exception) && false);
                stack.pushAsyncExit(suppress(IOException.class));
                stack.pushAsyncExit(exception -> events.add("inner " + exception) && false);
                throw new IOException("boom");
            }).await());
        });
        assertEquals(List.of("inner java.io.IOException: boom", "outer null"), events);
    }

    @Test
    @DisplayName("what one of them throws, those outside it are left with")
    void throwing() {
        VirtualTime.run(() -> {
            assertThrows(IOException.class, () -> asyncWith(new AsyncExitStack(), stack -> {
                stack.pushAsyncExit(exception -> events.add("outer " + exception) && false);
                stack.pushAsyncExit(exception -> {
                    throw new IOException("leaving");
                });
                return null;
            }).await());
        });
        assertEquals(List.of("outer java.io.IOException: leaving"), events);
    }

    @Test
    @DisplayName("an asynchronous stack can be closed by hand, as a resource, and be emptied into another")
    void asyncClose() throws Exception {
        VirtualTime.run(() -> {
            try (var stack = new AsyncExitStack()) {
                stack.pushAsyncCallback(() -> sleep(seconds(1)).await());
                stack.callback(() -> events.add("resource"));
            }
            var stack = new AsyncExitStack();
            stack.callback(() -> events.add("moved"));
            var other = stack.popAll();
            stack.aclose().await();
            events.add("nothing left");
            assertNull(other.aclose().await());
            assertSame(other, other.aenter());
            assertFalse(other.aexit(null));
        });
        assertEquals(List.of("resource", "nothing left", "moved"), events);
    }

    @Test
    @DisplayName("a plain stack needs no loop")
    void plainStack() {
        with(new ExitStack(), stack -> {
            assertEquals("a", stack.enterContext(nullContext("a")));
            stack.callback(() -> events.add("callback"));
            stack.push(exception -> events.add("exit after " + exception) && false);
            stack.push(suppress(IOException.class));
            throw new IOException("boom");
        });
        assertEquals(List.of("exit after null", "callback"), events);
    }

    @Test
    @DisplayName("a plain stack can be closed by hand, as a resource, and be emptied into another")
    void plainClose() {
        try (var stack = new ExitStack()) {
            stack.callback(() -> events.add("resource"));
        }
        var stack = new ExitStack();
        stack.callback(() -> events.add("moved"));
        var other = stack.popAll();
        stack.close();
        events.add("nothing left");
        assertSame(other, other.enter());
        other.push(suppress(IOException.class));
        assertTrue(other.exit(new IOException()));
        assertEquals(List.of("resource", "nothing left", "moved"), events);
    }
}
