// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.mojifinder;

import dev.simul.facade.Asyncio;
import dev.simul.facade.Server;
import dev.simul.facade.ServerOptions;
import dev.simul.facade.StreamReader;
import dev.simul.facade.StreamWriter;
import dev.simul.streams.IncompleteReadException;
import dev.simul.streams.LimitOverrunException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

import static dev.simul.demo.EngineKt.LOOPBACK;
import static dev.simul.facade.Asyncio.await;
import static dev.simul.facade.Asyncio.createFuture;
import static dev.simul.facade.Asyncio.sleep;
import static dev.simul.facade.Asyncio.startServer;
import static dev.simul.facade.Asyncio.timeout;
import static dev.simul.facade.Asyncio.toThread;
import static java.nio.charset.StandardCharsets.UTF_8;

/** What {@link TcpServer} is in Kotlin: it says the same to its clients, and leaves the same log. */
final class TcpMojifinder {
    private static final int LONGEST_LINE = 4096;
    private static final int TURN = 500;
    private static final String CRLF = "\r\n";

    private final InvertedIndex index;
    private final Consumer<String> log;

    private TcpMojifinder(InvertedIndex index, Consumer<String> log) {
        this.index = index;
        this.log = log;
    }

    /** Serves at {@code port} until Ctrl-C, which ends it with a {@link dev.simul.exceptions.KeyboardInterrupt}. */
    static void run(int port, Consumer<String> log) throws Exception {
        Asyncio.run(() -> {
            var index = await(toThread(InvertedIndex::new));
            new TcpMojifinder(index, log).supervise(port);
        });
    }

    private void supervise(int port) throws IOException {
        var listening = startServer(List.of(LOOPBACK), port, new ServerOptions(), LONGEST_LINE, this::finder);
        var server = await(listening, IOException.class);
        try {
            var address = (InetSocketAddress) server.addresses().get(0);
            log.accept("Serving on " + ReprKt.repr(address) + ". Hit CTRL-C to stop.");
            await(createFuture());
        } finally {
            hangUp(server);
        }
    }

    private static void hangUp(Server server) {
        server.close();
        server.closeClients();
        try {
            await(timeout(Duration.ofSeconds(1), () -> await(server.waitClosed())), TimeoutException.class);
        } catch (TimeoutException e) {
            server.abortClients();
            await(server.waitClosed());
        }
    }

    private void finder(StreamReader reader, StreamWriter writer) {
        var client = ReprKt.repr((InetSocketAddress) writer.getExtraInfo("peername"));
        try {
            converse(client, reader, writer);
            await(writer.aclose(), IOException.class);
        } catch (IOException e) {
            // The client has broken off, which is a way to end it too.
        } finally {
            log.accept("Close " + client + ".");
        }
    }

    private void converse(String client, StreamReader reader, StreamWriter writer) throws IOException {
        while (true) {
            writer.write("?> ");
            await(writer.drain(), IOException.class);
            var line = line(reader);
            if (line == null) {
                log.accept(" From " + client + ": a line that is too long");
                writer.write("No name is longer than " + LONGEST_LINE + " bytes." + CRLF);
                continue;
            }
            if (line.length == 0) {
                break;
            }
            var query = query(line);
            log.accept(" From " + client + ": " + ReprKt.repr(query));
            if (query.isEmpty()) {
                continue;
            }
            if (query.charAt(0) < ' ') {
                break;
            }
            log.accept(" To " + client + ": " + search(query, writer) + " results.");
        }
    }

    private int search(String query, StreamWriter writer) throws IOException {
        var found = index.search(query);
        for (int from = 0; from < found.size(); from += TURN) {
            var characters = found.subList(from, Math.min(from + TURN, found.size()));
            writer.writelines(characters.stream().map(character -> (character + CRLF).getBytes(UTF_8)).toList());
            await(sleep(Duration.ZERO)); // others have their turns too
            await(writer.drain(), IOException.class);
        }
        writer.write("─".repeat(66) + " " + found.size() + " found" + CRLF);
        await(writer.drain(), IOException.class);
        return found.size();
    }

    /** A line; empty at the end of the stream. Null if it was too long to be kept. */
    private static byte @Nullable [] line(StreamReader reader) throws IOException {
        var isTooLong = false;
        while (true) {
            try {
                var line = await(reader.readuntil(new byte[] {'\n'}), IOException.class);
                return isTooLong ? null : line;
            } catch (LimitOverrunException e) {
                await(reader.readexactly(e.consumed()), IOException.class);
                isTooLong = true;
            } catch (IncompleteReadException e) {
                return e.partial();
            }
        }
    }

    private static String query(byte[] line) {
        try {
            return UTF_8.newDecoder().decode(ByteBuffer.wrap(line)).toString().strip();
        } catch (CharacterCodingException e) {
            return "\0";
        }
    }
}
