// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade;

import dev.simul.context.ContextVar;
import dev.simul.loop.MonotonicClock;
import dev.simul.loop.NioPoller;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.channels.Pipe;
import java.nio.channels.SelectionKey;
import java.nio.channels.spi.SelectorProvider;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

import static dev.simul.facade.Asyncio.createFuture;
import static dev.simul.facade.Asyncio.getRunningLoop;
import static dev.simul.facade.Asyncio.newEventLoop;
import static dev.simul.facade.Asyncio.openConnection;
import static dev.simul.facade.Asyncio.retry;
import static dev.simul.facade.Asyncio.sleep;
import static dev.simul.facade.Asyncio.startServer;
import static dev.simul.facade.Asyncio.toThread;
import static dev.simul.facade.Sockets.HERE;
import static dev.simul.facade.Sockets.portOf;
import static dev.simul.facade.Sockets.run;
import static dev.simul.facade.VirtualClock.runTest;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

class SeamsTest {
    private static final ContextVar<String> VARIABLE = new ContextVar<>("variable", "none");

    @Test
    @DisplayName("a loop has the clock and the provider that it is made with")
    void parts() {
        var now = new AtomicLong(5);
        var provider = SelectorProvider.provider();
        try (var loop = newEventLoop(now::get, new NioPoller(now::get, provider))) {
            assertEquals(Duration.ofNanos(5), loop.time());
            assertSame(provider, loop.selectorProvider());
        }
        try (var loop = newEventLoop(MonotonicClock.INSTANCE, new NioPoller())) {
            assertEquals("done", loop.runUntilComplete(() -> "done"));
        }
        new VirtualClock(Duration.ofSeconds(1), provider).run(() ->
                assertSame(provider, getRunningLoop().selectorProvider()));
    }

    @Test
    @DisplayName("a resolver is a body, which may await, and knows names of its own")
    void resolver() {
        run(() -> {
            var loop = getRunningLoop();
            loop.setResolver(host -> {
                if (!host.equals("made-up.test")) throw new UnknownHostException(host);
                return toThread(() -> List.of(InetAddress.getByName(HERE))).await();
            });
            var server = startServer("made-up.test", 0, (reader, writer) -> {
                writer.write("hello".getBytes(UTF_8));
                writer.close();
            }).await();
            try {
                var streams = openConnection("made-up.test", portOf(server)).await();
                assertEquals("hello", new String(streams.reader().read().await(), UTF_8));
                streams.writer().close();
            } finally {
                server.aclose().await();
            }
            Resolver none = host -> List.of();
            assertEquals(HERE, none.getnameinfo(InetAddress.getByName(HERE)));
            assertEquals(HERE, loop.getnameinfo(new java.net.InetSocketAddress(HERE, 1)).await());
            var unknown = openConnection("other.test", 1);
            assertEquals("other.test", assertThrows(UnknownHostException.class, unknown::await).getMessage());
            loop.setResolver(null);
            assertFalse(loop.getaddrinfo("localhost", 1).await().isEmpty());
        });
    }

    @Test
    @DisplayName("jitter without a source draws from the loop's")
    void random() {
        assertEquals(pausesWith(new Random(1)), pausesWith(new Random(1)));
        assertNotEquals(pausesWith(new Random(1)), pausesWith(new Random(2)));
        try (var loop = newEventLoop()) {
            assertInstanceOf(Random.class, loop.random());
            var random = new java.util.SplittableRandom(1);
            loop.setRandom(random);
            assertSame(random, loop.random());
        }
    }

    @Test
    @DisplayName("two backoffs that draw from the loop's source are equal if they pause alike")
    void fraction() {
        assertEquals(Backoff.NONE.jittered(0.5), Backoff.NONE.jittered(0.5));
        assertNotEquals(Backoff.NONE.jittered(0.5), Backoff.NONE.jittered());
    }

    private static List<Duration> pausesWith(Random random) {
        return runTest(() -> {
            var loop = getRunningLoop();
            loop.setRandom(random);
            var times = new ArrayList<Duration>();
            var backoff = Backoff.exponential(Duration.ofSeconds(1)).jittered();
            return retry(5, backoff, it -> true, () -> {
                times.add(loop.time());
                if (times.size() < 5) throw new java.io.IOException();
                return times;
            }).await();
        });
    }

    @Test
    @DisplayName("a channel is registered for operations, which change, with context variables of choice")
    void registration() {
        run(() -> {
            var loop = getRunningLoop();
            var pipe = Pipe.open();
            try (var source = pipe.source(); var sink = pipe.sink()) {
                var events = new ArrayList<String>();
                var ready = createFuture();
                var given = new Context();
                given.run(() -> VARIABLE.set("given"));
                try (var registration = loop.register(sink, 0, given, it -> {
                    events.add(it + " " + VARIABLE.get());
                    ready.setResult(null);
                })) {
                    assertEquals(0, registration.interestOps());
                    sleep(Duration.ZERO).await();
                    assertEquals(List.of(), events);
                    var other = loop.register(source, SelectionKey.OP_READ, it -> events.add("never"));
                    other.close();
                    assertFalse(other.isOpen());
                    registration.setInterestOps(SelectionKey.OP_WRITE);
                    ready.await();
                    assertSame(sink, registration.channel());
                }
                assertEquals(List.of(SelectionKey.OP_WRITE + " given"), events);
            }
        });
    }

    @Test
    @DisplayName("whether a thread holds the loop is told anywhere")
    void isInLoop() {
        try (var loop = newEventLoop()) {
            assertFalse(loop.isInLoop());
            loop.runUntilComplete(() -> {
                assertTrue(loop.isInLoop());
                sleep(Duration.ofMillis(1)).await();
                assertTrue(loop.isInLoop());
                assertFalse(toThread(loop::isInLoop).await());
                return null;
            });
            assertFalse(loop.isInLoop());
        }
    }

    @Test
    @DisplayName("close callbacks are called when the loop is closed, the last one first, unless they are cancelled")
    void closeCallbacks() {
        var events = new ArrayList<String>();
        var loop = newEventLoop();
        var given = new Context();
        given.run(() -> VARIABLE.set("given"));
        loop.addCloseCallback(() -> events.add("first " + VARIABLE.get()));
        loop.addCloseCallback(given, () -> events.add("second " + VARIABLE.get()));
        loop.addCloseCallback(() -> events.add("cancelled")).cancel();
        loop.close();
        assertEquals(List.of("second given", "first none"), events);
    }
}
