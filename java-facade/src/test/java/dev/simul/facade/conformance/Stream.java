// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade.conformance;

import dev.simul.conformance.LoggingTransport;
import dev.simul.facade.StreamReader;
import dev.simul.facade.StreamReaderProtocol;
import java.util.function.Consumer;
import kotlin.Unit;

/** A reader, of the current loop, with a protocol that feeds it from a transport. */
final class Stream {
    final StreamReader reader;
    final StreamReaderProtocol protocol;
    boolean isLost;

    Stream(int limit, Consumer<String> log) {
        reader = new StreamReader(limit);
        protocol = new StreamReaderProtocol(reader);
        protocol.connectionMade(new LoggingTransport(text -> {
            log.accept(text);
            return Unit.INSTANCE;
        }));
    }

    /** Hands {@code data} to the protocol, as a transport does that has received it. */
    void receive(byte[] data) {
        for (int at = 0; at < data.length; ) {
            var buffer = protocol.getBuffer(-1);
            int count = Math.min(buffer.remaining(), data.length - at);
            buffer.put(data, at, count);
            protocol.bufferUpdated(count);
            at += count;
        }
    }
}
