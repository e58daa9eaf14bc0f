// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade;

import dev.simul.bodies.Carrier;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.Callable;

import static dev.simul.facade.Asyncio.newEventLoop;
import static dev.simul.facade.Asyncio.openConnection;
import static dev.simul.facade.Asyncio.startServer;
import static dev.simul.facade.Asyncio.timeout;

/** Runs bodies that have to do with real sockets, of this machine alone. */
final class Sockets {
    static final String HERE = "127.0.0.1";

    private Sockets() {}

    /** As {@code run}; a body that hangs fails. */
    static <T> T run(Callable<T> main) {
        return Asyncio.run(() -> timeout(Duration.ofSeconds(60), main).await());
    }

    static void run(Action main) {
        Asyncio.run(() -> timeout(Duration.ofSeconds(60), main).await());
    }

    static void run(Carrier carrier, Action main) {
        run(carrier, () -> timeout(Duration.ofSeconds(60), main).await());
    }

    static <T> T run(Carrier carrier, Callable<T> main) {
        return Asyncio.run(
                null,
                () -> {
                    var loop = newEventLoop();
                    loop.setCarrier(carrier);
                    return loop;
                },
                () -> timeout(Duration.ofSeconds(60), main).await());
    }

    static int portOf(Server server) {
        return ((InetSocketAddress) server.addresses().get(0)).getPort();
    }

    static Server serve(ClientConnected clientConnected) {
        return startServer(HERE, 0, clientConnected).await();
    }

    static Streams connect(Server server) {
        return openConnection(HERE, portOf(server)).await();
    }
}
