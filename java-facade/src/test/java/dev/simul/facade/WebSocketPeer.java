// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade;

import dev.simul.tls.TestCertificatesKt;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** A server of WebSockets that is a program of others, {@code peers/websocket_peer.*}; it ends with its standard input. */
final class WebSocketPeer implements AutoCloseable {
    /** What it has printed, but for its ports. */
    final List<String> lines = new CopyOnWriteArrayList<>();
    private final java.lang.Process process;
    private final Path program;
    private final int[] ports;

    WebSocketPeer(String interpreter, String suffix) throws IOException {
        program = Files.createTempFile("websocket_peer", suffix);
        try (var source = WebSocketPeer.class.getResourceAsStream("/peers/websocket_peer" + suffix)) {
            Files.write(program, source.readAllBytes());
        }
        process = new ProcessBuilder(
                        interpreter, program.toString(),
                        TestCertificatesKt.certificate("server.pem").toString(), TestCertificatesKt.certificate("server.key").toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        var output = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
        ports = Arrays.stream(output.readLine().split(" ")).mapToInt(Integer::parseInt).toArray();
        var reader = new Thread(() -> output.lines().forEach(lines::add), "output of " + interpreter);
        reader.setDaemon(true);
        reader.start();
    }

    static boolean isInstalled(String interpreter) {
        return Arrays.stream(System.getenv("PATH").split(File.pathSeparator)).anyMatch(it -> new File(it, interpreter).canExecute());
    }

    int port(boolean isSecure) {
        return ports[isSecure ? 1 : 0];
    }

    /** Of a proxy, which only one of the programs has. */
    int proxyPort() {
        return ports[2];
    }

    @Override
    public void close() throws IOException {
        process.destroy();
        Files.delete(program);
    }
}
