// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade;

import dev.simul.context.ContextVar;
import java.nio.ByteBuffer;
import java.nio.channels.Pipe;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

import static dev.simul.facade.Asyncio.createFuture;
import static dev.simul.facade.Asyncio.getRunningLoop;
import static dev.simul.facade.Sockets.run;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

class WatchTest {
    private static final ContextVar<String> VARIABLE = new ContextVar<>("variable", "none");

    @Test
    @DisplayName("a loop tells when a channel can be read and written, with context variables of choice, until it is told not to")
    void watched() {
        run(() -> {
            var loop = getRunningLoop();
            var pipe = Pipe.open();
            try (var source = pipe.source(); var sink = pipe.sink()) {
                var given = new Context();
                given.run(() -> VARIABLE.set("given"));
                var events = new ArrayList<String>();
                var read = createFuture();
                Runnable reader = () -> {
                    var buffer = ByteBuffer.allocate(9);
                    try {
                        events.add("read " + source.read(buffer) + " " + VARIABLE.get());
                    } catch (java.io.IOException e) {
                        events.add(e.toString());
                    }
                    read.setResult(null);
                };
                var written = createFuture();
                Runnable writer = () -> {
                    events.add("write " + VARIABLE.get());
                    loop.removeWriter(sink);
                    written.setResult(null);
                };
                var handle = loop.addReader(source, reader);
                loop.addReader(source, given, reader);
                assertTrue(handle.cancelled());
                loop.addWriter(sink, given, writer);
                loop.addWriter(sink, writer);
                written.await();
                assertFalse(loop.removeWriter(sink));
                sink.write(ByteBuffer.wrap(new byte[3]));
                read.await();
                assertTrue(loop.removeReader(source));
                assertFalse(loop.removeReader(source));
                assertEquals(List.of("write none", "read 3 given"), events);
            }
        });
    }
}
