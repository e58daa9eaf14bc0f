// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

import static dev.simul.facade.Asyncio.asyncContextManager;
import static dev.simul.facade.Asyncio.asyncWith;
import static dev.simul.facade.Asyncio.closing;
import static dev.simul.facade.Asyncio.contextManager;
import static dev.simul.facade.Asyncio.createTask;
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

class ContextManagerTest {
    private final List<String> events = new ArrayList<>();

    /** Awaits at both ends, and ends the exceptions that it is told to. */
    private class Connection implements AsyncContextManager<String> {
        private final boolean suppresses;

        Connection(boolean suppresses) {
            this.suppresses = suppresses;
        }

        @Override
        public String aenter() {
            sleep(seconds(1)).await();
            events.add("opened");
            return "connection";
        }

        @Override
        public boolean aexit(@Nullable Throwable exception) {
            sleep(seconds(1)).await();
            events.add("closed after " + exception);
            return suppresses;
        }
    }

    private ContextManager<String> recording(String name) {
        return new ContextManager<>() {
            @Override
            public String enter() {
                events.add("enter " + name);
                return name;
            }

            @Override
            public boolean exit(@Nullable Throwable exception) {
                events.add("exit " + name + " after " + exception);
                return false;
            }
        };
    }

    @Test
    @DisplayName("asyncWith enters, runs its block and leaves")
    void asyncWithLeaves() {
        String result = VirtualTime.run(() -> asyncWith(new Connection(false), value -> {
            events.add("uses " + value);
            sleep(seconds(1)).await();
            return "result";
        }).await());
        assertEquals("result", result);
        assertEquals(List.of("opened", "uses connection", "closed after null"), events);
    }

    @Test
    @DisplayName("it may run as a task of its own")
    void asyncWithAsATask() {
        VirtualTime.run(() -> {
            var block = asyncWith(new Connection(false), value -> events.add("uses " + value));
            sleep(seconds(0)).await();
            events.add("meanwhile");
            return block.await();
        });
        assertEquals(List.of("meanwhile", "opened", "uses connection", "closed after null"), events);
    }

    @Test
    @DisplayName("it is left with what the block throws, which it may end")
    void asyncWithFails() {
        var failure = new IOException("boom");
        VirtualTime.run(() -> {
            assertSame(failure, assertThrows(IOException.class, () -> asyncWith(new Connection(false), value -> {
                throw failure;
            }).await()));
            assertNull(asyncWith(new Connection(true), value -> {
                throw failure;
            }).await());
        });
        var closed = "closed after java.io.IOException: boom";
        assertEquals(List.of("opened", closed, "opened", closed), events);
    }

    @Test
    @DisplayName("it is left with the cancellation of its task")
    void cancelled() {
        VirtualTime.run(() -> {
            var task = createTask(() -> asyncWith(new Connection(false), value -> sleep(seconds(10)).await()).await());
            sleep(seconds(2)).await();
            task.cancel("stop");
            assertThrows(CancellationException.class, task::await);
        });
        assertEquals(List.of("opened", "closed after dev.simul.exceptions.CancelledException: stop"), events);
    }

    @Test
    @DisplayName("what leaving throws replaces the block's exception, and suppresses it")
    void leavingThrows() {
        var failure = new IOException("block");
        ContextManager<Object> manager = new ContextManager<>() {
            @Override
            public Object enter() throws IOException {
                return this;
            }

            @Override
            public boolean exit(@Nullable Throwable exception) throws IOException {
                throw new FileNotFoundException("leaving");
            }
        };
        var thrown = assertThrows(FileNotFoundException.class, () -> with(manager, value -> {
            assertSame(manager, value);
            throw failure;
        }));
        assertEquals(List.of(failure), List.of(thrown.getSuppressed()));
    }

    @Test
    @DisplayName("with needs no loop, and in a body its block may await")
    void withAwaits() {
        assertEquals("a!", with(recording("a"), name -> name + "!"));
        VirtualTime.run(() -> with(recording("b"), name -> sleep(seconds(1)).await()));
        assertEquals(List.of("enter a", "exit a after null", "enter b", "exit b after null"), events);
    }

    @Test
    @DisplayName("a manager that does not await can stand for one that may")
    void plainManagerInAsyncWith() {
        VirtualTime.run(() -> asyncWith(recording("a"), events::add).await());
        assertEquals(List.of("enter a", "a", "exit a after null"), events);
    }

    private AsyncContextManager<String> connection() {
        return asyncContextManager(gen -> {
            sleep(seconds(1)).await();
            try {
                gen.yield("connection");
            } catch (Exception e) {
                if (!(e instanceof IOException)) {
                    throw e;
                }
                events.add("ends " + e.getMessage());
            } finally {
                sleep(seconds(1)).await();
                events.add("closed");
            }
        });
    }

    @Test
    @DisplayName("the body of an asynchronous generator makes a context manager")
    void asyncFromGenerator() {
        VirtualTime.run(() -> {
            assertEquals(10, asyncWith(connection(), value -> value.length()).await());
            assertNull(asyncWith(connection(), value -> {
                throw new IOException("boom");
            }).await());
            assertThrows(IllegalStateException.class, () -> asyncWith(connection(), value -> {
                throw new IllegalStateException("passes");
            }).await());
            AsyncContextManager<String> never = asyncContextManager(gen -> {});
            assertThrows(IllegalStateException.class, never::aenter);
        });
        assertEquals(List.of("closed", "ends boom", "closed", "closed"), events);
    }

    @Test
    @DisplayName("the body of a generator makes a context manager")
    void fromGenerator() {
        ContextManager<String> tag = contextManager(gen -> {
            events.add("<p>");
            try {
                gen.yield("p");
            } finally {
                events.add("</p>");
            }
        });
        with(tag, events::add);
        assertEquals(List.of("<p>", "p", "</p>"), events);
        assertThrows(IllegalStateException.class, tag::enter);

        ContextManager<String> patient = contextManager(gen -> {
            try {
                gen.yield("p");
            } catch (Exception e) {
                if (!(e instanceof IOException)) {
                    throw e;
                }
                events.add("ends " + e.getMessage());
            }
        });
        assertNull(with(patient, value -> {
            throw new IOException("boom");
        }));
        assertEquals("ends boom", events.get(3));
    }

    @Test
    @DisplayName("closing closes, nullContext does nothing")
    void closingAndNullContext() throws Exception {
        AutoCloseable thing = () -> events.add("closed");
        assertSame(thing, with(closing(thing), value -> value));
        assertEquals(List.of("closed"), events);
        assertEquals("value", with(nullContext("value"), value -> value));
        assertNull(nullContext().enter());
        assertEquals("value", nullContext("value").aenter());
        assertFalse(nullContext().exit(new IOException()));
    }

    @Test
    @DisplayName("suppress ends exceptions of its types")
    void suppresses() throws Exception {
        assertNull(with(suppress(IOException.class), nothing -> {
            throw new FileNotFoundException();
        }));
        assertThrows(IOException.class, () -> with(suppress(FileNotFoundException.class, RuntimeException.class), nothing -> {
            throw new IOException();
        }));
        assertNull(suppress(IOException.class).enter());
        assertTrue(suppress(IOException.class).aexit(new IOException()));
        assertFalse(suppress().exit(new IOException()));
    }
}
