// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade;

import dev.simul.bodies.Carrier;
import dev.simul.repeating.MissedTicks;
import dev.simul.transports.Protocol;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

import static dev.simul.facade.AsyncFiles.openFile;
import static dev.simul.facade.AsyncFiles.temporaryDirectory;
import static dev.simul.facade.AsyncFiles.watch;
import static dev.simul.facade.AsyncFiles.writeText;
import static dev.simul.facade.Asyncio.asCompleted;
import static dev.simul.facade.Asyncio.asyncGenerator;
import static dev.simul.facade.Asyncio.asyncWith;
import static dev.simul.facade.Asyncio.createFuture;
import static dev.simul.facade.Asyncio.createSubprocessExec;
import static dev.simul.facade.Asyncio.createSubprocessShell;
import static dev.simul.facade.Asyncio.createTask;
import static dev.simul.facade.Asyncio.every;
import static dev.simul.facade.Asyncio.exceptStar;
import static dev.simul.facade.Asyncio.gather;
import static dev.simul.facade.Asyncio.gatherResults;
import static dev.simul.facade.Asyncio.getRunningLoop;
import static dev.simul.facade.Asyncio.openConnection;
import static dev.simul.facade.Asyncio.openUnixConnection;
import static dev.simul.facade.Asyncio.retry;
import static dev.simul.facade.Asyncio.shield;
import static dev.simul.facade.Asyncio.sleep;
import static dev.simul.facade.Asyncio.staggeredRace;
import static dev.simul.facade.Asyncio.startServer;
import static dev.simul.facade.Asyncio.startUnixServer;
import static dev.simul.facade.Asyncio.taskGroup;
import static dev.simul.facade.Asyncio.timeout;
import static dev.simul.facade.Asyncio.toThread;
import static dev.simul.facade.Asyncio.waitFor;
import static dev.simul.facade.Asyncio.waitOn;
import static dev.simul.facade.Sockets.HERE;
import static dev.simul.facade.Sockets.portOf;
import static org.junit.jupiter.api.Assertions.assertEquals;

/** The facade's operations, each cancelled in each of its turns, on each carrier: nothing is left behind. */
class CancelInjectionTest {
    private static final Duration SECOND = Duration.ofSeconds(1);
    private static final CancelOptions VIRTUAL = new CancelOptions();
    private static final CancelOptions REAL =
            VIRTUAL.virtualTime(false).settle(Duration.ofSeconds(10)).timeLimit(Duration.ofSeconds(30));
    private static final CancelOptions SAMPLED = REAL.samples(20);

    /** A program that has something made for it. */
    private record Line<S>(
            String operation, CancelOptions options, Callable<S> setUp, CancelSafety.Check<? super S> check, Body<? super S, ?> program) {
        int run() {
            return CancelSafety.turnsOf(options, setUp, check, program);
        }
    }

    private static final List<Line<?>> LINES = new ArrayList<>();

    private static void line(String operation, CancelOptions options, Callable<?> program) {
        line(operation, options, () -> null, nothing -> {}, nothing -> program.call());
    }

    private static <S> void line(
            String operation, CancelOptions options, Callable<S> setUp, CancelSafety.Check<? super S> check, Body<? super S, ?> program) {
        LINES.add(new Line<>(operation, options, setUp, check, program));
    }

    private static Task<Duration> sleeper(long seconds) {
        return createTask(() -> sleep(SECOND.multipliedBy(seconds), SECOND).await());
    }

    /** Runs {@code program} beside another task, which is cancelled when it ends. */
    private static Object beside(Callable<?> other, Callable<?> program) throws Exception {
        var task = createTask(other);
        try {
            sleep(Duration.ZERO).await();
            return program.call();
        } finally {
            task.cancel();
        }
    }

    private static void tasks() {
        line("sleep", VIRTUAL, () -> {
            sleep(Duration.ZERO).await();
            return sleep(SECOND, "result").await();
        });
        line("Future.await", VIRTUAL, () -> {
            Future<String> future = createFuture();
            return beside(
                    () -> {
                        sleep(SECOND).await();
                        return future.complete("result");
                    },
                    future::await);
        });
        line("Task.await", VIRTUAL, () -> sleeper(1).await());
        line("a call that runs in place", VIRTUAL, () -> timeout(SECOND.multipliedBy(2), () -> sleep(SECOND).await()).await());
        line("gather", VIRTUAL, () -> gather(sleep(SECOND), sleep(SECOND.multipliedBy(2))).await());
        line("gatherResults", VIRTUAL, () -> gatherResults(sleep(SECOND), sleep(SECOND.multipliedBy(2))).await());
        line("waitOn", VIRTUAL, () -> {
            var tasks = List.of(sleeper(1), sleeper(2));
            try {
                return waitOn(tasks).await();
            } finally {
                tasks.forEach(Task::cancel);
            }
        });
        line("waitFor", VIRTUAL, () -> waitFor(() -> sleep(SECOND).await(), SECOND.multipliedBy(2)).await());
        line("shield", VIRTUAL, () -> {
            var inner = sleeper(1);
            try {
                return shield(inner).await();
            } finally {
                inner.cancel();
            }
        });
        line("asCompleted", VIRTUAL, () -> {
            var tasks = List.of(sleeper(1), sleeper(2));
            try {
                for (var done : asCompleted(tasks)) {
                    done.await();
                }
            } finally {
                tasks.forEach(Task::cancel);
            }
            return null;
        });
        line("taskGroup", VIRTUAL, () -> taskGroup(group -> {
                    group.createTask(() -> sleep(SECOND).await());
                    group.createTask(() -> sleep(SECOND.multipliedBy(2)).await());
                    return sleep(Duration.ZERO).await();
                })
                .await());
        line("staggeredRace", VIRTUAL, () -> {
            List<Callable<Object>> attempts =
                    List.of(() -> sleep(SECOND.multipliedBy(3)).await(), () -> sleep(SECOND).await());
            return staggeredRace(attempts, SECOND).await();
        });
        line("retry", VIRTUAL, () -> {
            var attempts = new AtomicInteger();
            return retry(3, Backoff.exponential(SECOND), () -> {
                sleep(SECOND).await();
                if (attempts.incrementAndGet() < 3) {
                    throw new IOException();
                }
            }).await();
        });
        line("every", VIRTUAL, () -> {
            var runs = new AtomicInteger();
            return exceptStar(
                    () -> every(SECOND, SECOND, MissedTicks.SKIP, () -> {
                        sleep(SECOND).await();
                        if (runs.incrementAndGet() == 3) {
                            throw new IOException();
                        }
                    }).await(),
                    except -> except.on(IOException.class, group -> {}));
        });
        line(
                "RateLimiter.acquire",
                VIRTUAL,
                () -> new RateLimiter(1, SECOND),
                limiter -> waitFor(limiter.acquire(), SECOND.multipliedBy(2)).await(),
                limiter -> beside(() -> limiter.acquire().await(), () -> limiter.acquire().await()));
        line(
                "toThread, told to stop",
                SAMPLED,
                () -> toThread(new ThreadOptions().interruptOnCancel(true).onCancel(() -> {}), () -> Thread.sleep(1)).await());
        line("toThread", SAMPLED, () -> toThread(() -> {
                    Thread.sleep(1);
                    return null;
                })
                .await());
        line("runInExecutor", SAMPLED, () -> getRunningLoop().runInExecutor(null, () -> 1).await());
    }

    private static void free(Lock lock) {
        lock.hold().close();
    }

    private static void free(Semaphore semaphore) {
        semaphore.hold().close();
    }

    private static void sync() {
        line("Lock.hold", VIRTUAL, Lock::new, CancelInjectionTest::free, lock -> beside(
                () -> {
                    try (var held = lock.hold()) {
                        return sleep(SECOND).await();
                    }
                },
                () -> {
                    try (var held = lock.hold()) {
                        return sleep(Duration.ZERO).await();
                    }
                }));
        line("Lock as a context manager", VIRTUAL, Lock::new, CancelInjectionTest::free, lock ->
                asyncWith(lock, nothing -> sleep(SECOND).await()).await());
        line("Semaphore.hold", VIRTUAL, () -> new Semaphore(1), CancelInjectionTest::free, semaphore ->
                beside(
                        () -> {
                            try (var held = semaphore.hold()) {
                                return sleep(SECOND).await();
                            }
                        },
                        () -> {
                            try (var held = semaphore.hold()) {
                                return sleep(Duration.ZERO).await();
                            }
                        }));
        line("Condition.waitUntilNotified", VIRTUAL, Condition::new, condition -> {}, condition -> beside(
                () -> {
                    sleep(SECOND).await();
                    try (var held = condition.hold()) {
                        condition.notifyWaiter();
                    }
                    return null;
                },
                () -> {
                    try (var held = condition.hold()) {
                        return condition.waitUntilNotified().await();
                    }
                }));
        line("Event.waitUntilSet", VIRTUAL, () -> {
            var event = new Event();
            return beside(
                    () -> {
                        sleep(SECOND).await();
                        event.set();
                        return null;
                    },
                    () -> event.waitUntilSet().await());
        });
        line("Barrier.waitForParties", VIRTUAL, () -> {
            var barrier = new Barrier(2);
            return beside(
                    () -> {
                        sleep(SECOND).await();
                        return barrier.waitForParties().await();
                    },
                    () -> barrier.waitForParties().await());
        });
        line("MemorySendChannel.send, MemoryReceiveChannel.receive", VIRTUAL, () -> {
            MemoryChannel<Integer> channel = getRunningLoop().channelTo(getRunningLoop(), 1);
            return beside(
                    () -> {
                        try (var sender = channel.sender()) {
                            for (int item = 0; item < 3; item++) {
                                sleep(SECOND).await();
                                sender.send(item).await();
                            }
                        }
                        return null;
                    },
                    () -> {
                        try (var receiver = channel.receiver()) {
                            receiver.receive().await();
                            receiver.anext().await();
                            for (int item : receiver) {
                                assertEquals(2, item);
                            }
                        }
                        return null;
                    });
        });
        line("Queue.get, Queue.put, Queue.join", VIRTUAL, () -> {
            var queue = new Queue<Integer>(1);
            return beside(
                    () -> {
                        for (int i = 0; i < 3; i++) {
                            sleep(SECOND).await();
                            queue.get().await();
                            queue.taskDone();
                        }
                        return null;
                    },
                    () -> {
                        for (int i = 0; i < 3; i++) {
                            queue.put(i).await();
                        }
                        return queue.join().await();
                    });
        });
        line("AsyncGenerator", VIRTUAL, () -> {
            AsyncGenerator<Integer, Object> numbers = asyncGenerator(gen -> {
                try {
                    sleep(SECOND).await();
                    gen.yield(1);
                    gen.yield(2);
                } finally {
                    sleep(Duration.ZERO).await();
                }
            });
            try {
                return numbers.anext().await() + numbers.anext().await();
            } finally {
                numbers.aclose().await();
            }
        });
        line("AsyncExitStack", VIRTUAL, () -> asyncWith(new AsyncExitStack(), stack -> {
                    stack.enterAsyncContext(new Lock()).await();
                    stack.pushAsyncCallback(() -> sleep(SECOND).await());
                    return sleep(SECOND).await();
                })
                .await());
    }

    /** Sends a line, then reads until the client closes; a client that is cut off is no error. */
    private static void serveLine(StreamReader reader, StreamWriter writer) {
        try (writer) {
            writer.write("line\n");
            while (reader.read(1024).await().length > 0) {}
        } catch (Exception e) {
            if (!(e instanceof IOException)) {
                throw Sneaky.rethrow(e);
            }
        }
    }

    private static void end(Server server) {
        server.close();
        server.abortClients();
    }

    private static void client(String operation, Body<Server, ?> program) {
        line(
                operation,
                REAL,
                () -> startServer(HERE, 0, CancelInjectionTest::serveLine).await(),
                CancelInjectionTest::end,
                program);
    }

    private static void sockets() throws IOException {
        client("openConnection, StreamReader.readline", server -> {
            try (var streams = openConnection(HERE, portOf(server)).await()) {
                return streams.reader().readline().await();
            }
        });
        client("StreamReader.read, StreamReader.readexactly, StreamReader.readuntil", server -> {
            try (var streams = openConnection(HERE, portOf(server)).await()) {
                streams.reader().read(1).await();
                streams.reader().readexactly(2).await();
                return streams.reader().readuntil("\n".getBytes()).await();
            }
        });
        client("StreamWriter.drain, StreamWriter.waitClosed", server -> {
            var streams = openConnection(HERE, portOf(server)).await();
            try (streams) {
                streams.writer().write(new byte[4 << 20]);
                streams.writer().drain().await();
            }
            return streams.writer().waitClosed().await();
        });
        client("StreamWriter.aclose", server -> openConnection(HERE, portOf(server)).await().writer().aclose().await());
        client("createConnection", server -> {
            var loop = getRunningLoop();
            loop.createConnection(HERE, portOf(server), Quiet::new).await().transport().close();
            return null;
        });
        line("startServer, Server.aclose", REAL, () -> {
            try (var server = startServer(HERE, 0, CancelInjectionTest::serveLine).await()) {
                return server.aclose().await();
            }
        });
        line("Supervisor", SAMPLED, () -> {
            var options = new WorkerOptions().grace(Duration.ZERO);
            Callable<?> main = () -> {
                try (var server = startServer(HERE, 0, CancelInjectionTest::serveLine).await()) {
                    return server.serveForever().await();
                }
            };
            try (var supervisor = new Supervisor(2, options, main)) {
                supervisor.start();
                supervisor.waitServing().await();
                supervisor.replaceAll().await();
                supervisor.shutdown(Duration.ZERO).await();
                return supervisor.waitClosed().await();
            }
        });
        line("createServer", REAL, () -> {
            getRunningLoop().createServer(HERE, 0, Quiet::new).await().close();
            return null;
        });
        var folder = Files.createTempDirectory("cancelling");
        folder.toFile().deleteOnExit();
        line("startUnixServer, openUnixConnection", REAL, () -> {
            var path = Files.createTempFile(folder, "s", "");
            Files.delete(path);
            try (var server = startUnixServer(path, CancelInjectionTest::serveLine).await();
                    var streams = openUnixConnection(path).await()) {
                return streams.reader().readline().await();
            }
        });
        line("sockAccept", REAL, CancelInjectionTest::halfConnected, Pending::close, pending -> {
            getRunningLoop().sockAccept(pending.listener()).await().close();
            return null;
        });
        line("getaddrinfo", SAMPLED, () -> getRunningLoop().getaddrinfo("localhost", 80).await());
    }

    private record Quiet() implements Protocol {}

    private record Pending(ServerSocketChannel listener, SocketChannel client) {
        void close() throws IOException {
            listener.close();
            client.close();
        }
    }

    private static Pending halfConnected() throws IOException {
        var listener = ServerSocketChannel.open().bind(new InetSocketAddress(HERE, 0));
        listener.configureBlocking(false);
        return new Pending(listener, SocketChannel.open(listener.getLocalAddress()));
    }

    private static Object use(Process process, Callable<?> block) throws Exception {
        try {
            return block.call();
        } finally {
            if (process.returncode() == null) {
                process.kill();
                timeout(Duration.ofSeconds(10), () -> process.waitFor().await()).await();
            }
        }
    }

    private static void processes() {
        line("createSubprocessExec, Process.waitFor", REAL, () -> {
            var process = createSubprocessExec("true").await();
            return use(process, () -> process.waitFor().await());
        });
        line("createSubprocessShell, Process.communicate", REAL, () -> {
            var options = new ProcessOptions().stdin(Redirect.PIPE).stdout(Redirect.PIPE);
            var process = createSubprocessShell(options, "cat; echo done").await();
            return use(process, () -> process.communicate(new byte[300_000]).await());
        });
    }

    private static Path newFolder() throws IOException {
        var folder = Files.createTempDirectory("cancelling");
        Files.writeString(folder.resolve("a"), "one\ntwo\n");
        return folder;
    }

    /** Whatever was cancelled, the file has its old or its new text, and nothing is beside it. */
    private static void checkFolder(Path folder) throws IOException {
        var text = Files.readString(folder.resolve("a"));
        if (!List.of("one\ntwo\n", "new").contains(text)) throw new AssertionError(text);
        Files.delete(folder.resolve("a"));
        Files.delete(folder);
    }

    private static void inFolder(String operations, Body<? super Path, ?> program) {
        line(operations, REAL, CancelInjectionTest::newFolder, CancelInjectionTest::checkFolder, program);
    }

    private static void files() {
        inFolder("openFile, AsyncFile.readline, AsyncFile.aclose", folder -> {
            try (var file = openFile(folder.resolve("a")).await()) {
                return file.readline().await();
            }
        });
        inFolder("lines", folder -> {
            for (String line : AsyncFiles.lines(folder.resolve("a"))) line.length();
            return null;
        });
        inFolder("writeText", folder -> writeText(folder.resolve("a"), "new").await());
        inFolder("temporaryDirectory, watch", folder -> asyncWith(temporaryDirectory(folder, "tmp"), directory -> {
            try (var changes = watch(directory).await()) {
                Files.createFile(directory.resolve("b"));
                return changes.anext().await();
            }
        }).await());
    }

    static Stream<Arguments> lines() throws IOException {
        if (LINES.isEmpty()) {
            tasks();
            sync();
            sockets();
            processes();
            files();
        }
        return Carrier.available().stream()
                .flatMap(carrier -> LINES.stream().map(line -> Arguments.of(carrier, line.operation(), (Supplier<Integer>) line::run)));
    }

    private static final ConcurrentHashMap<String, String> RESULTS = new ConcurrentHashMap<>();

    @ParameterizedTest(name = "{0}: {1}")
    @MethodSource("lines")
    @DisplayName("a body leaves nothing behind, wherever it is cancelled")
    void cancelled(Carrier carrier, String operation, Supplier<Integer> run) {
        var before = System.getProperty("simul.carrier");
        System.setProperty("simul.carrier", carrier.name());
        try {
            var turns = run.get();
            RESULTS.put(carrier + "\t" + operation, turns + " turns");
        } finally {
            if (before == null) {
                System.clearProperty("simul.carrier");
            } else {
                System.setProperty("simul.carrier", before);
            }
        }
    }

    @AfterAll
    static void write() throws IOException {
        var lines = RESULTS.entrySet().stream().map(entry -> entry.getValue() + "\t" + entry.getKey()).sorted().toList();
        Files.write(Path.of("target/cancel-injection.txt"), lines);
    }
}
