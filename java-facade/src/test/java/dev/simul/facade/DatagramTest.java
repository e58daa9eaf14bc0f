// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade;

import dev.simul.transports.DatagramProtocol;
import dev.simul.transports.DatagramTransport;
import dev.simul.transports.WriteBufferLimits;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

import static dev.simul.facade.Asyncio.createFuture;
import static dev.simul.facade.Asyncio.getRunningLoop;
import static dev.simul.facade.Sockets.HERE;
import static dev.simul.facade.Sockets.run;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

class DatagramTest {
    private static final InetSocketAddress ANY = new InetSocketAddress(HERE, 0);

    /** Puts what it is told into a queue. */
    private static class Mailbox implements DatagramProtocol {
        final Queue<String> events = new Queue<>();
        @Nullable SocketAddress sender;
        @Nullable DatagramTransport transport;

        @Override
        public void connectionMade(DatagramTransport transport) {
            this.transport = transport;
            events.putNowait("made");
        }

        @Override
        public void datagramReceived(byte[] data, SocketAddress addr) {
            sender = addr;
            events.putNowait(new String(data, StandardCharsets.UTF_8));
        }

        @Override
        public void errorReceived(IOException exception) {
            events.putNowait(exception.getClass().getSimpleName());
        }

        @Override
        public void connectionLost(@Nullable Throwable exception) {
            events.putNowait("lost");
        }
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    @Test
    @DisplayName("a protocol is told of datagrams, of who sent them, and of the end")
    void sent() {
        run(() -> {
            var loop = getRunningLoop();
            var receiving = loop.createDatagramEndpoint(ANY, null, Mailbox::new).await();
            var address = (InetSocketAddress) receiving.transport().getExtraInfo("sockname");
            var sending = loop.createDatagramEndpoint(null, address, Mailbox::new).await();
            assertEquals("made", receiving.protocol().events.get().await());
            assertSame(receiving.transport(), receiving.protocol().transport);
            assertSame(receiving.protocol(), receiving.transport().getProtocol());
            sending.transport().sendto(bytes("one"));
            assertEquals("one", receiving.protocol().events.get().await());
            sending.transport().sendto(ByteBuffer.wrap(bytes("two")), address);
            assertEquals("two", receiving.protocol().events.get().await());
            receiving.transport().sendto(bytes("back"), receiving.protocol().sender);
            assertEquals("made", sending.protocol().events.get().await());
            assertEquals("back", sending.protocol().events.get().await());
            assertThrows(IllegalArgumentException.class, () -> receiving.transport().sendto(bytes("to nobody")));
            assertEquals(0, sending.transport().getWriteBufferSize());
            sending.transport().setWriteBufferLimits(400, 100);
            assertEquals(new WriteBufferLimits(100, 400), sending.transport().getWriteBufferLimits());
            receiving.transport().close();
            assertTrue(receiving.transport().isClosing());
            assertEquals("lost", receiving.protocol().events.get().await());
            sending.transport().abort();
            assertNotEquals(sending.transport(), receiving.transport());
        });
    }

    @Test
    @DisplayName("endpoints are made of options and of channels, and given other protocols")
    void made() {
        run(() -> {
            var loop = getRunningLoop();
            var channel = DatagramChannel.open(StandardProtocolFamily.INET).bind(ANY);
            var address = channel.getLocalAddress();
            var receiving = loop.createDatagramEndpoint(channel, () -> new DatagramProtocol() {}).await();
            receiving.protocol().connectionMade(receiving.transport());
            receiving.protocol().datagramReceived(bytes("nothing"), address);
            receiving.protocol().datagramReceived(ByteBuffer.wrap(bytes("nothing")), address);
            receiving.protocol().errorReceived(new IOException("nothing"));
            var mailbox = new Mailbox();
            receiving.transport().setProtocol(mailbox);
            assertSame(mailbox, receiving.transport().getProtocol());
            var options = new DatagramOptions().family(StandardProtocolFamily.INET).reusePort(false).allowBroadcast(true);
            var sending = loop.createDatagramEndpoint(null, null, options, Mailbox::new).await();
            sending.transport().sendto(bytes("one"), address);
            assertEquals("one", mailbox.events.get().await());
            assertThrows(IllegalArgumentException.class, () -> loop.createDatagramEndpoint(null, null, Mailbox::new).await());
            receiving.transport().close();
            sending.transport().close();
        });
    }

    @Test
    @DisplayName("a protocol can spare the copy, and is told when nobody listens")
    void refused() {
        run(() -> {
            var loop = getRunningLoop();
            var closed = DatagramChannel.open(StandardProtocolFamily.INET).bind(ANY);
            var nobody = (InetSocketAddress) closed.getLocalAddress();
            closed.close();
            var failed = createFuture();
            var connection = loop.createDatagramEndpoint(null, nobody, () -> new DatagramProtocol() {
                        @Override
                        public void errorReceived(IOException exception) {
                            if (!failed.isDone()) {
                                failed.setResult(exception.getClass().getSimpleName());
                            }
                        }
                    })
                    .await();
            connection.transport().sendto(bytes("anybody?"));
            assertEquals("PortUnreachableException", failed.await());
            connection.transport().close();

            var heard = Asyncio.<String>createFuture();
            var receiving = loop.createDatagramEndpoint(ANY, null, () -> new DatagramProtocol() {
                        @Override
                        public void datagramReceived(ByteBuffer data, SocketAddress addr) {
                            heard.setResult(StandardCharsets.UTF_8.decode(data).toString());
                        }
                    })
                    .await();
            receiving.transport().sendto(bytes("me"), (SocketAddress) receiving.transport().getExtraInfo("sockname"));
            assertEquals("me", heard.await());
            receiving.transport().close();
        });
    }
}
