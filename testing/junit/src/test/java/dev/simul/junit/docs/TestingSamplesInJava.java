// SPDX-License-Identifier: Apache-2.0
package dev.simul.junit.docs;

import dev.simul.facade.Backoff;
import dev.simul.facade.CancelOptions;
import dev.simul.facade.EventLoop;
import dev.simul.facade.Lock;
import dev.simul.facade.Server;
import dev.simul.facade.VirtualClock;
import dev.simul.junit.AsyncTest;
import dev.simul.junit.OnLoop;
import dev.simul.junit.TestNetwork;
import dev.simul.junit.TestTime;
import dev.simul.testing.ReportedErrors;
import dev.simul.testing.network.MemoryNetwork;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static dev.simul.facade.Asyncio.await;
import static dev.simul.facade.Asyncio.createTask;
import static dev.simul.facade.Asyncio.openConnection;
import static dev.simul.facade.Asyncio.retry;
import static dev.simul.facade.Asyncio.sleep;
import static dev.simul.facade.Asyncio.startServer;
import static dev.simul.facade.Asyncio.timeout;
import static dev.simul.facade.CancelSafety.checkCancelSafe;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

/** The blocks of the guide to testing; TestingGuideTest runs them, the facade's DocsTest compares. */
final class TestingSamplesInJava {
    private TestingSamplesInJava() {}

    static class Time {
        @AsyncTest
        void aSlowAnswerIsGivenUpAfterAMinute(VirtualClock clock) {
            assertThrows(
                    TimeoutException.class,
                    () -> await(timeout(Duration.ofMinutes(1), () -> await(sleep(Duration.ofHours(1))))));
            assertEquals(Duration.ofMinutes(1), clock.now());
        }
    }

    @OnLoop(time = TestTime.REAL)
    static class EchoTest {
        private Server server;

        @BeforeEach
        void start() throws IOException {
            var started = startServer("127.0.0.1", 0, (reader, writer) -> {
                writer.write(await(reader.readline()));
                writer.close();
            });
            server = await(started, IOException.class);
        }

        @ParameterizedTest
        @ValueSource(strings = {"tea", "toast"})
        void aLineComesBack(String line) throws IOException {
            var address = (InetSocketAddress) server.addresses().get(0);
            var connection = await(openConnection("127.0.0.1", address.getPort()), IOException.class);
            connection.writer().write((line + "\n").getBytes());
            assertEquals(line + "\n", new String(await(connection.reader().readline())));
            connection.writer().close();
        }

        @AfterEach
        void stop() {
            server.close();
            await(server.waitClosed());
        }
    }

    static class SlowServer {
        @AsyncTest(network = TestNetwork.MEMORY)
        void aSlowServerIsGivenUpAfterAMinute(MemoryNetwork network, VirtualClock clock) throws IOException {
            network.addHost("slow.example");
            var server = startServer("slow.example", 80, (reader, writer) -> {
                await(sleep(Duration.ofHours(1)));
                writer.close();
            });
            await(server, IOException.class);
            var connection = await(openConnection("slow.example", 80), IOException.class);
            assertThrows(
                    TimeoutException.class,
                    () -> await(timeout(Duration.ofMinutes(1), () -> await(connection.reader().readline()))));
            assertEquals(Duration.ofMinutes(1), clock.now());
            connection.writer().close();
        }

        @Test
        void nothingListens() {
            VirtualClock.runTest(new MemoryNetwork(), () -> {
                assertThrows(ConnectException.class, () -> await(openConnection("127.0.0.1", 80), IOException.class));
            });
        }

        @Test
        void askingCanBeCancelledAtAnyPoint() {
            checkCancelSafe(new CancelOptions().network(MemoryNetwork::new), () -> {
                var server = await(startServer("127.0.0.1", 80, (reader, writer) -> writer.close()), IOException.class);
                try {
                    var connection = await(openConnection("127.0.0.1", 80), IOException.class);
                    try {
                        await(connection.reader().readline());
                    } finally {
                        connection.writer().close();
                    }
                } finally {
                    server.close();
                }
            });
        }
    }

    static class Failures {
        private void watch(String directory) throws IOException {
            await(sleep(Duration.ofSeconds(1)));
            throw new IOException(directory + " is gone");
        }

        @AsyncTest
        void forgotten() {
            createTask(() -> watch("inbox"));
            await(sleep(Duration.ofHours(1)));
        }

        @AsyncTest
        void retrieved() {
            var watching = createTask(() -> watch("inbox"));
            assertThrows(IOException.class, () -> await(watching));
        }

        @AsyncTest
        void expected(ReportedErrors errors) {
            errors.expect(IOException.class);
            createTask(() -> watch("inbox"));
            await(sleep(Duration.ofHours(1)));
        }

        @AsyncTest
        void stuck() {
            var lock = new Lock();
            await(lock.acquire());
            await(lock.acquire());
        }
    }

    static class CancelSafety {
        static class Account {
            private final Lock lock = new Lock();
            int balance = 100;

            void withdraw(int amount) {
                try (var held = lock.hold()) {
                    int before = balance;
                    await(sleep(Duration.ofSeconds(1)));
                    balance = before - amount;
                }
            }
        }

        @Test
        void withdrawingCanBeCancelledAtAnyPoint() {
            checkCancelSafe(
                    new CancelOptions(),
                    Account::new,
                    account -> assertEquals(0, account.balance % 10),
                    account -> {
                        account.withdraw(10);
                        return null;
                    });
        }
    }

    static class Fakes {
        @AsyncTest
        void anUnreliableServerIsAskedThreeTimes(EventLoop loop) throws IOException {
            loop.setRandom(new Random(42));
            loop.setResolver(host -> List.of(InetAddress.getByAddress(host, new byte[] {127, 0, 0, 1})));
            var attempts = new AtomicInteger();
            await(retry(3, Backoff.exponential(Duration.ofSeconds(1)).jittered(), e -> e instanceof IOException, () -> {
                if (attempts.incrementAndGet() < 3) throw new IOException("refused");
            }));
            assertEquals(3, attempts.get());
        }
    }

    static class AnyFramework {
        @Test
        void anyFrameworkWillDo() {
            VirtualClock.runTest(() -> {
                await(sleep(Duration.ofHours(1)));
            });
        }
    }
}
