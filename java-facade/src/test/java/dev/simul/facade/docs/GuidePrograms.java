// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade.docs;

import com.sun.net.httpserver.HttpServer;
import dev.simul.bodies.Carrier;
import dev.simul.facade.ConnectionOptions;
import dev.simul.facade.Event;
import dev.simul.facade.EventLoop;
import dev.simul.facade.Future;
import dev.simul.facade.Lock;
import dev.simul.facade.ProcessOptions;
import dev.simul.facade.Queue;
import dev.simul.facade.Redirect;
import dev.simul.facade.Server;
import dev.simul.facade.ServerOptions;
import dev.simul.facade.StreamReader;
import dev.simul.facade.StreamWriter;
import dev.simul.facade.ThreadOptions;
import dev.simul.facade.VirtualClock;
import dev.simul.testing.Deadlock;
import dev.simul.tls.Purpose;
import dev.simul.tls.SslContext;
import dev.simul.tls.TestCertificatesKt;
import dev.simul.transports.Protocol;
import dev.simul.transports.Transport;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

import static dev.simul.facade.Asyncio.await;
import static dev.simul.facade.Asyncio.createFuture;
import static dev.simul.facade.Asyncio.createSubprocessExec;
import static dev.simul.facade.Asyncio.createSubprocessShell;
import static dev.simul.facade.Asyncio.createTask;
import static dev.simul.facade.Asyncio.currentTask;
import static dev.simul.facade.Asyncio.gather;
import static dev.simul.facade.Asyncio.getRunningLoop;
import static dev.simul.facade.Asyncio.newEventLoop;
import static dev.simul.facade.Asyncio.open;
import static dev.simul.facade.Asyncio.openConnection;
import static dev.simul.facade.Asyncio.runLoop;
import static dev.simul.facade.Asyncio.sleep;
import static dev.simul.facade.Asyncio.startServer;
import static dev.simul.facade.Asyncio.timeout;
import static dev.simul.facade.Asyncio.toThread;
import static dev.simul.facade.CancelSafety.checkCancelSafe;
import static dev.simul.facade.docs.FirstProgram.fetch;
import static java.nio.charset.StandardCharsets.UTF_8;
import static java.time.Duration.ofHours;
import static java.time.Duration.ofMillis;
import static java.time.Duration.ofSeconds;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** The programs of the Java guide, which {@link DocsTest} runs on the machine's clock. */
final class GuidePrograms {
    static EventLoop loopOnPlatformThreads() {
        var loop = newEventLoop();
        loop.setCarrier(Carrier.PLATFORM);
        return loop;
    }

    static void carried() {
        System.out.println(runLoop(null, () -> loopOnPlatformThreads(), () -> getRunningLoop().carrier()));      // PLATFORM
    }

    static void blocking() {
        runLoop(() -> {
            var blocking = toThread(() -> {
                Thread.sleep(20);
                return "read";
            });
            var executor = Executors.newSingleThreadExecutor(work -> new Thread(work, "mine"));
            var other = getRunningLoop().runInExecutor(executor, () -> Thread.currentThread().getName());
            System.out.println(await(blocking) + " " + await(other));       // read mine
            executor.shutdown();
        });
    }

    static void manyBlocking() throws ReflectiveOperationException {
        var threads = executorForMany();
        runLoop(() -> {
            getRunningLoop().setDefaultExecutor(threads);
            var calls = Stream.generate(() -> toThread(() -> {
                Thread.sleep(200);
                return 1;
            })).limit(100).toList();
            System.out.println(await(gather(calls)).size());        // 100
        });
        assertTrue(threads.isShutdown());
    }

    /** Virtual threads, which this project's Java 17 cannot name, or platform threads. */
    private static ExecutorService executorForMany() throws ReflectiveOperationException {
        if (Runtime.version().feature() < 21) {
            return Executors.newCachedThreadPool();
        }
        return (ExecutorService) Executors.class.getMethod("newVirtualThreadPerTaskExecutor").invoke(null);
    }

    static void echo(StreamReader reader, StreamWriter writer) {
        try (writer) {
            for (String line : reader.lines()) {
                writer.write(line + "\n");
                await(writer.drain());
            }
        }
    }

    static int portOf(Server server) {
        return ((InetSocketAddress) server.addresses().get(0)).getPort();
    }

    static void echoes() {
        runLoop(() -> {
            try (var server = await(startServer("127.0.0.1", 0, (reader, writer) -> echo(reader, writer)));
                    var streams = await(openConnection("127.0.0.1", portOf(server)))) {
                streams.writer().write("hello\nthere\n");
                streams.writer().writeEof();
                for (String line : streams.reader().lines()) {
                    System.out.println(line);       // hello, then there
                }
            }
        });
    }

    static void jobs() {
        runLoop(() -> {
            var jobs = new LinkedBlockingQueue<String>();
            var job = timeout(ofMillis(20), () -> await(toThread(new ThreadOptions().interruptOnCancel(true), jobs::take)));
            try {
                System.out.println(await(job, TimeoutException.class));
            } catch (TimeoutException e) {
                System.out.println("no job, and no thread that waits for one");     // no job, and no thread that waits for one
            }
        });
    }

    static void toldToEndWithAnIdleClient() {
        runLoop(() -> {
            try (var server = await(startServer("127.0.0.1", 0, (reader, writer) -> echo(reader, writer)));
                    var streams = await(openConnection("127.0.0.1", portOf(server)))) {
                streams.writer().write("hello\n");
                await(streams.reader().readline());
                createTask(() -> await(createSubprocessShell("kill -TERM " + ProcessHandle.current().pid())));
                serveUntilTold(server, ofMillis(10));
            }
        });
    }

    static void serveUntilTold(Server server, Duration grace) {
        var told = new Event();
        for (String signal : List.of("INT", "TERM")) {
            getRunningLoop().addSignalHandler(signal, told::set);
        }
        await(told.waitUntilSet());
        await(server.shutdown(grace));
        System.out.println("ended in order");       // ended in order
    }

    static String firstLine(StreamReader reader) {
        try {
            return await(timeout(ofMillis(20), () -> reader.lines().iterator().next()), TimeoutException.class);
        } catch (TimeoutException e) {
            return "silence";
        }
    }

    static void silence() {
        runLoop(() -> {
            try (var server = await(startServer("127.0.0.1", 0, (reader, writer) -> await(reader.read())));
                    var streams = await(openConnection("127.0.0.1", portOf(server)))) {
                System.out.println(firstLine(streams.reader()));        // silence
            }
        });
    }

    static void overTls() {
        var certificate = TestCertificatesKt.certificate("server.pem");
        var key = TestCertificatesKt.certificate("server.key");
        var authority = TestCertificatesKt.certificate("ca.pem");
        runLoop(() -> {
            var forServers = SslContext.createDefaultContext(Purpose.CLIENT_AUTH).withCertChain(certificate, key);
            var forClients = SslContext.createDefaultContext(Purpose.SERVER_AUTH, authority);
            try (var server = await(startServer(
                            "127.0.0.1", 0, new ServerOptions().ssl(forServers), (reader, writer) -> echo(reader, writer)));
                    var streams = await(openConnection(
                            "localhost", portOf(server), new ConnectionOptions().ssl(forClients)))) {
                streams.writer().write("hello\n");
                System.out.println(streams.reader().lines().iterator().next());     // hello
            }
        });
    }

    static class Shout implements Protocol {
        private Transport transport;

        @Override
        public void connectionMade(Transport transport) {
            this.transport = transport;
        }

        @Override
        public void dataReceived(byte[] data) {
            transport.write(new String(data, UTF_8).toUpperCase());
        }
    }

    static void shouts() {
        runLoop(() -> {
            try (var server = await(getRunningLoop().createServer("127.0.0.1", 0, () -> new Shout()));
                    var streams = await(openConnection("127.0.0.1", portOf(server)))) {
                streams.writer().write("hello\n");
                System.out.println(streams.reader().lines().iterator().next());     // HELLO
            }
        });
    }

    static List<String> sorted(List<String> words) {
        var pipes = new ProcessOptions().stdin(Redirect.PIPE).stdout(Redirect.PIPE);
        var sort = await(createSubprocessExec(pipes, "sort"));
        var output = await(sort.communicate(String.join("\n", words)));
        return new String(output.stdout(), UTF_8).lines().toList();
    }

    static void sorts() {
        runLoop(() -> {
            System.out.println(sorted(List.of("two", "one")));      // [one, two]
        });
    }

    static void overHttp() throws IOException {
        var server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            exchange.sendResponseHeaders(200, 5);
            exchange.getResponseBody().write("hello".getBytes(StandardCharsets.UTF_8));
            exchange.close();
        });
        server.start();
        try {
            var page = URI.create("http:/" + server.getAddress() + "/");
            runLoop(() -> {
                var client = HttpClient.newHttpClient();
                var request = HttpRequest.newBuilder(page).build();
                var response = await(timeout(ofSeconds(30), () -> await(client.sendAsync(request, BodyHandlers.ofString()))));
                System.out.println(response.statusCode() + " " + response.body());      // 200 hello
            });
        } finally {
            server.stop(0);
        }
    }

    static void combined() {
        runLoop(() -> {
            var one = sleep(ofMillis(2), 1);
            var two = sleep(ofMillis(1), 2);
            await(CompletableFuture.allOf(one, two));
            System.out.println(await(one.thenCombine(two, Integer::sum)));      // 3
        });
    }

    static void fromAThread() {
        runLoop(() -> {
            var loop = getRunningLoop();
            var queue = new Queue<String>();
            Future<String> answer = createFuture();
            new Thread(() -> {
                loop.callSoonThreadsafe(() -> queue.putNowait("question"));
                answer.complete("answer");
            }).start();
            System.out.println(await(queue.get()) + " " + await(answer));       // question answer
        });
    }

    static void background() throws Exception {
        try (var loop = open()) {
            Future<String> page = loop.submit(() -> fetch("page"));
            Future<String> never = loop.submit(() -> await(sleep(ofHours(1), "never")));
            System.out.println(page.get());     // page.html
            never.cancel("enough");
        }
    }

    @Test
    void anHourPassesAtOnce() {
        var passed = VirtualClock.runTest(() -> {
            await(sleep(ofHours(1)));
            return getRunningLoop().time();
        });
        assertEquals(ofHours(1), passed);
    }

    static void stuck() {
        try {
            VirtualClock.runTest(() -> {
                currentTask().setName("main");
                var lock = new Lock();
                await(lock.acquire());
                return await(lock.acquire());
            });
        } catch (Deadlock e) {
            System.out.println(e.getMessage());
        }
    }

    static void leftBehind() {
        try {
            checkCancelSafe(() -> {
                var timer = getRunningLoop().callLater(ofHours(1), () -> {});
                await(sleep(ofSeconds(1)));
                timer.cancel();     // A finally block would be better.
            });
        } catch (AssertionError e) {
            System.out.println(e.getMessage().lines().findFirst().get());
        }
    }
}
