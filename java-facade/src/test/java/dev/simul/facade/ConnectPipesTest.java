// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.nio.channels.Pipe;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

import static dev.simul.facade.Asyncio.getRunningLoop;
import static dev.simul.facade.Sockets.run;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

class ConnectPipesTest {
    @Test
    @DisplayName("bodies read and write pipes, by the streams of sockets")
    void pipes() {
        run(() -> {
            var loop = getRunningLoop();
            var pipe = Pipe.open();
            var reader = new StreamReader();
            var reading = loop.connectReadPipe(pipe.source(), () -> new StreamReaderProtocol(reader)).await();
            var writing = loop.connectWritePipe(pipe.sink(), () -> new StreamReaderProtocol(new StreamReader())).await();
            try (var writer = new StreamWriter(writing.transport(), writing.protocol(), null)) {
                writer.write("hello\n");
                writer.drain().await();
                assertEquals("hello", reader.lines().iterator().next());
            }
            assertEquals(0, reader.read().await().length);
            assertThrows(UnsupportedOperationException.class, () -> reading.transport().write("back"));
            reading.transport().close();
        });
    }

    @Test
    @DisplayName("threads wait in streams of java.io for the loop")
    void streams() {
        run(() -> {
            var loop = getRunningLoop();
            var in = new ByteArrayInputStream("one\ntwo\n".getBytes(StandardCharsets.UTF_8));
            var out = new ByteArrayOutputStream();
            var reader = new StreamReader();
            loop.connectReadPipe(in, () -> new StreamReaderProtocol(reader)).await();
            var writing = loop.connectWritePipe(out, () -> new StreamReaderProtocol(new StreamReader())).await();
            var writer = new StreamWriter(writing.transport(), writing.protocol(), null);
            for (String line : reader.lines()) {
                writer.write(line + "!");
            }
            writer.aclose().await();
            assertEquals("one!two!", out.toString(StandardCharsets.UTF_8));
        });
    }
}
