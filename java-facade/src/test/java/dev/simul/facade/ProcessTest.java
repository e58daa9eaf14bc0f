// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade;

import dev.simul.bodies.Carrier;
import dev.simul.process.ProcessLookupException;
import dev.simul.process.SubprocessProtocol;
import dev.simul.process.SubprocessTransport;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeoutException;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import static dev.simul.facade.Asyncio.createFuture;
import static dev.simul.facade.Asyncio.createSubprocessExec;
import static dev.simul.facade.Asyncio.createSubprocessShell;
import static dev.simul.facade.Asyncio.createTask;
import static dev.simul.facade.Asyncio.gather;
import static dev.simul.facade.Asyncio.getRunningLoop;
import static dev.simul.facade.Asyncio.timeout;
import static dev.simul.facade.Sockets.run;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

@DisabledOnOs(OS.WINDOWS)
class ProcessTest {
    private static final ProcessOptions PIPES =
            new ProcessOptions().stdin(Redirect.PIPE).stdout(Redirect.PIPE).stderr(Redirect.PIPE);

    @TempDir
    Path folder;

    static Stream<Carrier> available() {
        return Carrier.available().stream();
    }

    private static String text(byte @Nullable [] bytes) {
        return bytes == null ? "null" : new String(bytes, StandardCharsets.UTF_8);
    }

    @ParameterizedTest
    @MethodSource("available")
    @DisplayName("a body talks with a child in a straight line")
    void talks(Carrier carrier) {
        run(carrier, () -> {
            var cat = createSubprocessExec(PIPES, "cat").await();
            var heard = new ArrayList<String>();
            var lines = cat.stdout().lines().iterator();
            for (String line : List.of("one", "two")) {
                cat.stdin().write(line + "\n");
                cat.stdin().drain().await();
                heard.add(lines.next());
            }
            assertNull(cat.returncode());
            assertTrue(cat.pid() > 0);
            cat.stdin().close();
            assertEquals(0, cat.waitFor().await());
            assertEquals(0, cat.returncode());
            assertEquals(List.of("one", "two"), heard);
        });
    }

    @ParameterizedTest
    @MethodSource("available")
    @DisplayName("ten children are given their input, and give all their output, at once")
    void communicate(Carrier carrier) {
        var all = IntStream.range(0, 10).mapToObj(i -> "child " + i).toList();
        var answers = run(carrier, () -> gather(all.stream()
                        .map(name -> createTask(() -> {
                            var child = createSubprocessShell(PIPES, "cat; echo complaint >&2; exit 3").await();
                            var output = child.communicate(name).await();
                            assertEquals("complaint\n", text(output.stderr()));
                            assertEquals(3, child.returncode());
                            return text(output.stdout());
                        }))
                        .toList())
                .await());
        assertEquals(all, answers);
    }

    @Test
    @DisplayName("the streams of a child go where they are told to, and it works where and with what it is told to")
    void options() throws Exception {
        var in = Files.writeString(folder.resolve("in"), "input");
        var out = folder.resolve("out");
        run(() -> {
            var options = new ProcessOptions().cwd(folder).env(Map.of("NAME", "value")).limit(1000);
            for (var to : List.of(Redirect.to(out), Redirect.appendTo(out))) {
                var child = createSubprocessShell(options.stdin(Redirect.from(in)).stdout(to), "cat; echo $NAME; pwd").await();
                assertNull(child.stdin());
                assertNull(child.stdout());
                assertNull(child.stderr());
                assertEquals(0, child.waitFor().await());
            }
            String once = "inputvalue\n" + folder.toRealPath() + "\n";
            assertEquals(once + once, Files.readString(out));

            var both = PIPES.stdin(Redirect.DEVNULL).stderr(Redirect.STDOUT);
            var output = createSubprocessShell(both, "cat; echo complaint >&2").await().communicate().await();
            assertEquals("complaint\n", text(output.stdout()));
            assertNull(output.stderr());
            assertThrows(
                    IllegalArgumentException.class,
                    () -> createSubprocessExec(new ProcessOptions().stdin(Redirect.STDOUT), "true").await());
            assertEquals(0, createSubprocessExec("true").await().waitFor().await());
            assertEquals(1, createSubprocessShell("false").await().waitFor().await());
            assertEquals(
                    0,
                    createSubprocessExec(new ProcessOptions().stdin(Redirect.INHERIT), "true").await().waitFor().await());
        });
        assertEquals("INHERIT", Redirect.INHERIT.toString());
        assertEquals("PIPE", Redirect.PIPE.toString());
    }

    @Test
    @DisplayName("a child is told to end, is killed, and is not there any more then")
    void signals() {
        run(() -> {
            var told = createSubprocessExec("sleep", "100").await();
            told.terminate();
            assertEquals(-15, told.waitFor().await());
            var killed = createSubprocessExec("sleep", "100").await();
            killed.kill();
            assertEquals(-9, killed.waitFor().await());
            killed.killTree();
            var tree = createSubprocessShell(new ProcessOptions().stdout(Redirect.PIPE), "sleep 1000 & echo begun; wait").await();
            assertEquals("begun\n", new String(tree.stdout().readline().await(), StandardCharsets.UTF_8));
            tree.killTree();
            assertEquals(-9, tree.waitFor().await());
            assertEquals(0, tree.stdout().read().await().length);
            // One that is not ignored, whoever has started the tests.
            var signalled = createSubprocessExec("sleep", "100").await();
            signalled.sendSignal("ALRM");
            assertEquals(-14, signalled.waitFor().await());
            assertThrows(ProcessLookupException.class, told::kill);
            assertThrows(IOException.class, () -> createSubprocessExec("no such program").await());
        });
    }

    @Test
    @DisplayName("a wait for a child can be limited, and the child goes on then")
    void limited() {
        run(() -> {
            var child = createSubprocessExec(PIPES, "cat").await();
            assertThrows(TimeoutException.class, () -> timeout(Duration.ofMillis(1), () -> child.waitFor().await()).await());
            assertEquals("input", text(child.communicate("input".getBytes(StandardCharsets.UTF_8)).await().stdout()));
        });
    }

    /** Records what it is told. */
    private static class Recorder implements SubprocessProtocol {
        final List<String> events = new ArrayList<>();
        final Future<@Nullable Void> lost = createFuture();
        @Nullable SubprocessTransport transport;

        @Override
        public void connectionMade(SubprocessTransport transport) {
            SubprocessProtocol.super.connectionMade(transport);
            this.transport = transport;
            events.add("made");
        }

        @Override
        public void pipeDataReceived(int fd, byte[] data) {
            SubprocessProtocol.super.pipeDataReceived(fd, data);
            events.add(fd + ": " + text(data));
        }

        @Override
        public void pipeConnectionLost(int fd, @Nullable Throwable exception) {
            SubprocessProtocol.super.pipeConnectionLost(fd, exception);
            events.add(fd + " lost");
        }

        @Override
        public void processExited() {
            SubprocessProtocol.super.processExited();
            events.add("exited");
        }

        @Override
        public void connectionLost(@Nullable Throwable exception) {
            lost.setResult(null);
        }
    }

    @Test
    @DisplayName("a protocol is told of a child, of its pipes, and of its end")
    void protocol() {
        run(() -> {
            var loop = getRunningLoop();
            var connection = loop.subprocessExec(Recorder::new, "cat").await();
            var transport = connection.transport();
            assertSame(transport, connection.protocol().transport);
            assertSame(connection.protocol(), transport.getProtocol());
            assertTrue(transport.getPid() > 0);
            assertNull(transport.getReturncode());
            assertNotNull(transport.getExtraInfo("subprocess"));
            assertNull(transport.getPipeTransport(3));
            transport.getPipeTransport(0).write("hello");
            transport.getPipeTransport(0).close();
            connection.protocol().lost.await();
            var events = connection.protocol().events;
            assertEquals("made", events.get(0));
            assertTrue(events.contains("1: hello"), events::toString);
            assertTrue(events.containsAll(List.of("0 lost", "1 lost", "2 lost", "exited")), events::toString);
            assertEquals(0, transport.getReturncode());
        });
    }

    @Test
    @DisplayName("a transport of a child signals it, and kills it when it is closed")
    void transport() {
        run(() -> {
            var loop = getRunningLoop();
            List<Ending> endings = List.of(
                    SubprocessTransport::close,
                    SubprocessTransport::kill,
                    SubprocessTransport::terminate,
                    it -> it.sendSignal("ALRM"));
            var codes = new ArrayList<Integer>();
            for (var ending : endings) {
                var options = new ProcessOptions().stdout(Redirect.DEVNULL);
                var connection = loop.subprocessExec(options, Recorder::new, "sleep", "100").await();
                assertNull(connection.transport().getPipeTransport(1));
                var other = new Recorder();
                connection.transport().setProtocol(other);
                ending.end(connection.transport());
                other.lost.await();
                codes.add(connection.transport().getReturncode());
            }
            assertEquals(List.of(-9, -9, -15, -14), codes);
            for (var child : List.of(
                    loop.subprocessShell(Recorder::new, "exit 4").await(),
                    loop.subprocessShell(new ProcessOptions(), Recorder::new, "exit 4").await())) {
                child.protocol().lost.await();
                assertEquals(4, child.transport().getReturncode());
            }
        });
    }

    @FunctionalInterface
    private interface Ending {
        void end(SubprocessTransport transport) throws IOException;
    }
}
