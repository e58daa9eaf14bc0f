// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade.docs;

import dev.simul.facade.Asyncio;
import dev.simul.facade.EventLoop;
import dev.simul.facade.Handle;
import dev.simul.facade.VirtualClock;
import dev.simul.loop.Registration;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.channels.spi.SelectorProvider;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;

import static java.nio.channels.SelectionKey.OP_READ;

/** The blocks of Java in the guide to the parts of a loop; {@link PartsSamplesTest} runs them, {@link DocsTest} compares. */
final class PartsSamples {
    private static final Map<String, InetAddress> HOSTS = Map.of("db.test", InetAddress.getLoopbackAddress());

    private PartsSamples() {}

    static <T> T runOnPartsOfMyOwn(SelectorProvider provider, Callable<T> main) {
        return Asyncio.run(null, () -> {
            var loop = new VirtualClock(Duration.ofSeconds(1), provider).newLoop();
            loop.setResolver(host -> {
                if (!HOSTS.containsKey(host)) throw new UnknownHostException(host);
                return List.of(HOSTS.get(host));
            });
            loop.setRandom(new Random(42));
            return loop;
        }, main);
    }

    /** All that comes by a channel, on a loop. */
    static final class Drain implements AutoCloseable {
        final ByteArrayOutputStream received = new ByteArrayOutputStream();
        private final ByteBuffer buffer = ByteBuffer.allocate(1024);
        private final EventLoop loop;
        private final SocketChannel channel;
        private final Registration registration;
        private final Handle closing;

        Drain(EventLoop loop, SocketChannel channel) {
            this.loop = loop;
            this.channel = channel;
            registration = loop.register(channel, OP_READ, ready -> read());
            closing = loop.addCloseCallback(this::closeChannel);
        }

        private void read() {
            try {
                int count = channel.read(buffer.clear());
                if (count < 0) {
                    end();
                } else {
                    received.write(buffer.array(), 0, count);
                }
            } catch (IOException e) {
                end();
            }
        }

        private void end() {
            closing.cancel();
            registration.close();
            closeChannel();
        }

        private void closeChannel() {
            try {
                channel.close();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        /** Any thread may call it. */
        @Override
        public void close() {
            if (loop.isInLoop()) {
                end();
            } else {
                loop.callSoonThreadsafe(this::end);
            }
        }
    }
}
