// SPDX-License-Identifier: Apache-2.0
package dev.simul.junit;

import dev.simul.context.ContextVar;
import dev.simul.facade.Event;
import dev.simul.facade.EventLoop;
import dev.simul.facade.Lock;
import dev.simul.facade.Server;
import dev.simul.facade.VirtualClock;
import dev.simul.testing.ReportedErrors;
import dev.simul.testing.network.MemoryNetwork;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static dev.simul.facade.Asyncio.await;
import static dev.simul.facade.Asyncio.createTask;
import static dev.simul.facade.Asyncio.currentTask;
import static dev.simul.facade.Asyncio.getRunningLoop;
import static dev.simul.facade.Asyncio.openConnection;
import static dev.simul.facade.Asyncio.runLoop;
import static dev.simul.facade.Asyncio.sleep;
import static dev.simul.facade.Asyncio.startServer;
import static dev.simul.facade.CancelSafety.checkCancelSafe;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** Test classes for the engine that the tests run: some of their tests fail. */
final class JavaCases {
    private JavaCases() {}

    /** What the tests of these classes did. */
    static final List<String> EVENTS = Collections.synchronizedList(new ArrayList<>());

    static class First {
        @AsyncTest
        void anHourPassesAtOnce() {
            await(sleep(Duration.ofHours(1)));
            assertEquals(Duration.ofHours(1), getRunningLoop().time());
            EVENTS.add(currentTask().getName());
        }

        @AsyncTest
        void throwsWhatItThrows() throws IOException {
            await(sleep(Duration.ofHours(1)));
            throw new IOException("boom");
        }

        @Test
        void ordinary() {
            EVENTS.add("ordinary");
        }
    }

    @OnLoop
    static class Lifecycle {
        private static final ContextVar<String> USER = new ContextVar<>("user");
        private final Lock lock = new Lock();
        private EventLoop loop;

        @BeforeEach
        void before(EventLoop loop, VirtualClock clock) {
            assertSame(loop, getRunningLoop());
            this.loop = loop;
            USER.set("ada");
            await(sleep(Duration.ofSeconds(1)));
            assertEquals(Duration.ofSeconds(1), clock.now());
            createTask("ticks", () -> {
                try {
                    while (true) {
                        EVENTS.add("tick at " + getRunningLoop().time());
                        await(sleep(Duration.ofSeconds(1)));
                    }
                } finally {
                    EVENTS.add("ticks end");
                }
            });
            EVENTS.add("before");
        }

        @Test
        void test() {
            assertSame(loop, getRunningLoop());
            assertEquals("ada", USER.get());
            USER.set("grace");
            await(lock.acquire());
            await(sleep(Duration.ofMillis(1500)));
            EVENTS.add("test");
        }

        @AfterEach
        void after() {
            assertSame(loop, getRunningLoop());
            assertEquals("grace", USER.get());
            assertTrue(lock.locked());
            await(sleep(Duration.ZERO));
            EVENTS.add("after");
        }
    }

    @OnLoop
    static class EveryKind {
        private static EventLoop last;

        private static void isNewLoop(String event) {
            assertNotSame(last, getRunningLoop());
            last = getRunningLoop();
            await(sleep(Duration.ofSeconds(1)));
            EVENTS.add(event);
        }

        @ParameterizedTest
        @ValueSource(strings = {"a", "b"})
        void parameterized(String value, EventLoop loop) {
            assertSame(loop, getRunningLoop());
            isNewLoop("parameterized " + value);
        }

        @RepeatedTest(2)
        void repeated() {
            isNewLoop("repeated");
        }

        @TestFactory
        Stream<DynamicTest> dynamic() {
            isNewLoop("factory");
            return Stream.of("x", "y").map(name -> DynamicTest.dynamicTest(name, () -> {
                assertSame(last, getRunningLoop());
                await(sleep(Duration.ofSeconds(1)));
                EVENTS.add("dynamic " + name + " in " + currentTask().getName());
            }));
        }

        @Nested
        class Inner {
            @Test
            void nested() {
                isNewLoop("nested");
            }
        }
    }

    static class MarkedMethods {
        @OnLoop
        @ParameterizedTest
        @ValueSource(ints = {1, 2})
        void parameterized(int value) {
            await(sleep(Duration.ofSeconds(value)));
            EVENTS.add("parameterized " + getRunningLoop().time());
        }
    }

    @OnLoop(time = TestTime.REAL)
    @TestInstance(TestInstance.Lifecycle.PER_CLASS)
    static class RealSockets {
        private Server server;

        @BeforeEach
        void start() throws IOException {
            server = await(
                    startServer("127.0.0.1", 0, (reader, writer) -> {
                        writer.write(await(reader.readline()));
                        writer.close();
                    }),
                    IOException.class);
        }

        @RepeatedTest(2)
        void echoes() throws IOException {
            int port = ((InetSocketAddress) server.addresses().get(0)).getPort();
            var connection = await(openConnection("127.0.0.1", port), IOException.class);
            connection.writer().write("hello\n".getBytes(StandardCharsets.UTF_8));
            EVENTS.add(new String(await(connection.reader().readline()), StandardCharsets.UTF_8).strip());
            connection.writer().close();
        }

        @AsyncTest(time = TestTime.VIRTUAL)
        void aMethodDecidesOtherwise(VirtualClock clock) {
            await(sleep(Duration.ofHours(1)));
            EVENTS.add("virtual " + clock.now());
        }

        @AsyncTest
        void hasNoVirtualClock(VirtualClock clock) {}
    }

    static class InMemory {
        @AsyncTest(network = TestNetwork.MEMORY)
        void answers(MemoryNetwork network, VirtualClock clock) throws IOException {
            network.addHost("slow.test");
            var started = startServer("slow.test", 80, (reader, writer) -> {
                await(sleep(Duration.ofHours(1)));
                writer.write("late".getBytes(StandardCharsets.UTF_8));
                writer.close();
            });
            await(started, IOException.class);
            var connection = await(openConnection("slow.test", 80), IOException.class);
            EVENTS.add(new String(await(connection.reader().read()), StandardCharsets.UTF_8) + " at " + clock.now());
            connection.writer().close();
        }
    }

    static class Stuck {
        @AsyncTest
        void stuck() {
            var done = new Event();
            createTask("consumer", () -> await(done.waitUntilSet()));
            await(done.waitUntilSet());
        }
    }

    static class Failures {
        @AsyncTest
        void forgotten() {
            createTask("forgotten", () -> {
                throw new IOException("boom");
            });
            await(sleep(Duration.ofSeconds(1)));
        }

        @AsyncTest
        void expected(ReportedErrors errors) {
            errors.expect(IOException.class);
            forgotten();
        }

        @AsyncTest
        void expectedInVain() {
            ReportedErrors.ofRunningTest().expect(IOException.class);
        }

        @AsyncTest(time = TestTime.REAL, timeoutSeconds = 1)
        void tooSlow() {
            try {
                await(sleep(Duration.ofHours(1)));
            } finally {
                EVENTS.add("cleaned up");
            }
        }

        @AsyncTest(time = TestTime.REAL)
        @Timeout(value = 100, unit = TimeUnit.MILLISECONDS)
        void tooSlowForJUnit() {
            tooSlow();
        }

        @AsyncTest(time = TestTime.REAL)
        @Timeout(value = 100, unit = TimeUnit.MILLISECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
        void tooSlowInAThreadOfItsOwn() {
            tooSlow();
        }

        @AsyncTest
        void runsAnotherLoop() {
            runLoop(() -> {});
        }

        @AsyncTest
        void checksCancelSafety() {
            checkCancelSafe(() -> {});
        }
    }

    static class CancelSafe {
        @Test
        void checked() {
            checkCancelSafe(() -> await(sleep(Duration.ofHours(1))));
        }
    }

    static class ReturnsValue {
        @AsyncTest
        void test() {}

        @AsyncTest
        int neverRun() {
            return 42;
        }
    }

    static class OnlyReturnsValue {
        @AsyncTest
        int neverRun() {
            return 42;
        }
    }

    static class TwoKinds {
        @AsyncTest
        @RepeatedTest(2)
        void test() {}
    }

    static class NegativeTimeout {
        @AsyncTest(timeoutSeconds = -1)
        void test() {}
    }

    static class TimeoutOfTheRun {
        @AsyncTest(time = TestTime.REAL)
        void test() {
            await(sleep(Duration.ofHours(1)));
        }
    }
}
