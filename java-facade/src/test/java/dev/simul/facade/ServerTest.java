// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade;

import dev.simul.context.ContextVar;
import dev.simul.transports.Protocol;
import java.net.BindException;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

import static dev.simul.facade.Asyncio.createTask;
import static dev.simul.facade.Asyncio.currentTask;
import static dev.simul.facade.Asyncio.getRunningLoop;
import static dev.simul.facade.Asyncio.sleep;
import static dev.simul.facade.Asyncio.startServer;
import static dev.simul.facade.Sockets.HERE;
import static dev.simul.facade.Sockets.connect;
import static dev.simul.facade.Sockets.portOf;
import static dev.simul.facade.Sockets.run;
import static dev.simul.facade.Sockets.serve;
import static java.time.Duration.ZERO;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

class ServerTest {
    private static final ClientConnected WAITING = (reader, writer) -> {
        try (writer) {
            reader.read().await();
        }
    };

    @Test
    @DisplayName("it listens until it is closed, which try-with-resources does without waiting for clients")
    void closed() {
        run(() -> {
            Server used;
            try (var server = serve(WAITING); var streams = connect(server)) {
                used = server;
                assertTrue(server.isServing());
                assertSame(getRunningLoop(), server.getLoop());
                assertTrue(server.toString().contains(HERE));
                server.close();
                assertFalse(server.isServing());
                assertEquals(List.of(), server.addresses());
                assertFalse(streams.writer().isClosing());
            }
            used.waitClosed().await();
            assertThrows(IllegalStateException.class, () -> used.startServing().await());
        });
    }

    @Test
    @DisplayName("it is shut down within a grace, after which its clients' connections are closed")
    void shutdown() {
        run(() -> {
            try (var server = serve(WAITING); var streams = connect(server)) {
                var ending = createTask(() -> server.shutdown(Duration.ofHours(1)).await());
                sleep(ZERO).await();
                assertFalse(server.isServing());
                streams.writer().close();
                ending.await();
            }
            try (var server = serve(WAITING); var streams = connect(server)) {
                server.shutdown(ZERO, Duration.ofHours(1)).await();
                assertEquals(0, streams.reader().read(1).await().length);
            }
            return null;
        });
    }

    @Test
    @DisplayName("each connection's factory is in a task of its own, with the server's context variables")
    void factory() {
        var variable = new ContextVar<>("variable", 0);
        var seen = new ArrayList<Integer>();
        var tasks = new ArrayList<Object>();
        run(() -> {
            variable.set(1);
            var done = new Queue<Boolean>();
            try (var server = getRunningLoop().createServer(HERE, 0, () -> {
                seen.add(variable.get());
                variable.set(variable.get() + 1);
                tasks.add(currentTask());
                done.putNowait(true);
                return new Protocol() {};
            }).await()) {
                for (int i = 0; i < 3; i++) {
                    try (var client = SocketChannel.open(server.addresses().get(0))) {
                        done.get().await();
                    }
                }
            }
        });
        assertEquals(List.of(1, 1, 1), seen);
        assertFalse(tasks.contains(null));
    }

    @Test
    @DisplayName("its clients can be closed, and waited for")
    void clients() {
        run(() -> {
            for (var end : List.<java.util.function.Consumer<Server>>of(Server::closeClients, Server::abortClients)) {
                try (var server = serve((reader, writer) -> {
                    writer.write("!");
                    reader.read().await();
                }); var streams = connect(server)) {
                    streams.reader().readexactly(1).await();
                    server.close();
                    var waiting = createTask(() -> server.waitClosed().await());
                    sleep(ZERO).await();
                    assertFalse(waiting.isDone());
                    end.accept(server);
                    waiting.await();
                    assertEquals(0, streams.reader().read().await().length);
                }
            }
        });
    }

    @Test
    @DisplayName("a task that serves for ever does so until it is cancelled, and its server is closed then")
    void forever() {
        run(() -> {
            var events = new ArrayList<String>();
            var server = startServer(HERE, 0, new ServerOptions().startServing(false), WAITING).await();
            var serving = createTask(() -> {
                try {
                    return server.serveForever().await();
                } finally {
                    events.add("ended");
                }
            });
            sleep(ZERO).await();
            assertTrue(server.isServing());
            assertThrows(IllegalStateException.class, () -> server.serveForever().await());
            serving.cancel("SIGTERM");
            assertThrows(CancellationException.class, serving::await);
            assertFalse(server.isServing());
            assertEquals(List.of("ended"), events);
            server.aclose().await();
        });
    }

    @Test
    @DisplayName("an address that is in use is an exception")
    void inUse() {
        run(() -> {
            try (var server = serve(WAITING)) {
                var e = assertThrows(BindException.class, () -> startServer(HERE, portOf(server), WAITING).await());
                assertTrue(e.getMessage().contains(":" + portOf(server)), e::getMessage);
            }
        });
    }
}
