// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade;

import dev.simul.streams.IncompleteReadException;
import dev.simul.streams.LimitOverrunException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.concurrent.CancellationException;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

import static dev.simul.facade.Asyncio.allTasks;
import static dev.simul.facade.Asyncio.createTask;
import static dev.simul.facade.Asyncio.newEventLoop;
import static dev.simul.facade.Asyncio.setEventLoop;
import static dev.simul.facade.Asyncio.sleep;
import static dev.simul.facade.Asyncio.timeout;
import static dev.simul.facade.VirtualTime.seconds;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

class StreamReaderTest {
    private static StreamReader fed(String text) {
        var reader = new StreamReader();
        reader.feedData(bytes(text));
        return reader;
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }

    @Test
    @DisplayName("it reads by numbers of bytes, up to separators, into buffers, and to the end")
    void reads() {
        VirtualTime.run(() -> {
            var reader = fed("one two;three\r\nfour\nfive six");
            assertEquals("one", text(reader.read(3).await()));
            assertEquals(" two;", text(reader.readuntil(bytes(";")).await()));
            assertEquals("three\r", text(reader.readuntil(List.of(bytes("\n"), bytes("\r"))).await()));
            assertEquals("\n", text(reader.readexactly(1).await()));
            assertEquals("four\n", text(reader.readline().await()));
            var buffer = ByteBuffer.allocate(4);
            assertEquals(4, reader.read(buffer).await());
            assertEquals("five", text(buffer.array()));
            reader.feedData(ByteBuffer.wrap(bytes(", seven"), 0, 5));
            reader.feedEof();
            assertFalse(reader.atEof());
            assertEquals(" six, sev", text(reader.read().await()));
            assertTrue(reader.atEof());
            assertEquals(0, reader.read(1).await().length);
            assertEquals(0, reader.readline().await().length);
            assertEquals(-1, reader.read(buffer.clear()).await());
        });
    }

    @Test
    @DisplayName("a loop has all lines, as bytes or as texts without their ends")
    void lines() {
        VirtualTime.run(() -> {
            var reader = fed("one\r\ntwo\n\nth");
            var feeder = createTask(() -> {
                sleep(seconds(1)).await();
                reader.feedData(bytes("rée\nfo"));
                sleep(seconds(1)).await();
                reader.feedData(bytes("ur"));
                reader.feedEof();
            });
            var lines = new ArrayList<String>();
            for (String line : reader.lines()) {
                lines.add(line);
            }
            assertEquals(List.of("one", "two", "", "thrée", "four"), lines);
            feeder.await();
        });
        VirtualTime.run(() -> {
            var reader = fed("one\ntwo");
            reader.feedEof();
            var lines = new ArrayList<String>();
            for (byte[] line : reader) {
                lines.add(text(line));
            }
            assertEquals(List.of("one\n", "two"), lines);
            assertThrows(NoSuchElementException.class, () -> reader.iterator().next());
        });
    }

    @Test
    @DisplayName("reads that cannot be are told by what they had, and by how far they have looked")
    void exceptions() {
        VirtualTime.run(() -> {
            var reader = new StreamReader(4);
            reader.feedData(bytes("too long; and"));
            var overrun = assertThrows(LimitOverrunException.class, () -> reader.readuntil(bytes(";")).await());
            assertEquals(8, overrun.consumed());
            reader.readexactly(10).await();
            reader.feedEof();
            var incomplete = assertThrows(IncompleteReadException.class, () -> reader.readexactly(4).await());
            assertArrayEquals(bytes("and"), incomplete.partial());
            assertEquals(4, incomplete.expected());
            assertThrows(IllegalArgumentException.class, () -> reader.readexactly(-1).await());
            assertThrows(IllegalArgumentException.class, () -> new StreamReader(0));
        });
    }

    @Test
    @DisplayName("it belongs to the thread's current loop, and so does its protocol")
    void currentLoop() {
        assertThrows(IllegalStateException.class, StreamReader::new);
        try (var loop = newEventLoop()) {
            setEventLoop(loop);
            var reader = fed("abc");
            new StreamReaderProtocol(reader);
            assertEquals("abc", text(loop.runUntilComplete(() -> reader.read(3).await())));
        } finally {
            setEventLoop(null);
        }
    }

    @Test
    @DisplayName("what breaks the stream is thrown by every read")
    void broken() {
        VirtualTime.run(() -> {
            var reader = fed("never read");
            assertNull(reader.exception());
            var failure = new IOException("cable cut");
            reader.setException(failure);
            assertSame(failure, reader.exception());
            assertSame(failure, assertThrows(IOException.class, () -> reader.read(1).await()));
        });
    }

    @Test
    @DisplayName("a read that is cancelled or takes too long loses nothing, and the next one has it")
    void cancelled() {
        VirtualTime.run(() -> {
            var reader = fed("half a ");
            var reading = createTask(() -> reader.readline().await());
            sleep(seconds(1)).await();
            reading.cancel("no time");
            assertEquals(
                    "no time", assertThrows(CancellationException.class, reading::await).getMessage());
            assertThrows(TimeoutException.class, () -> timeout(seconds(1), () -> reader.readline().await()).await());
            reader.feedData(bytes("line\n"));
            assertEquals("half a line\n", text(reader.readline().await()));
        });
    }

    @Test
    @DisplayName("one task reads at a time")
    void oneAtATime() {
        VirtualTime.run(() -> {
            var reader = new StreamReader();
            var first = createTask(() -> reader.read(1).await());
            sleep(seconds(0)).await();
            assertThrows(IllegalStateException.class, () -> reader.read(1).await());
            reader.feedEof();
            return first.await();
        });
    }

    @Test
    @DisplayName("a read that is awaited at once makes no task, not even if it waits")
    void inPlace() {
        VirtualTime.run(() -> {
            var reader = new StreamReader();
            var tasks = new ArrayList<Integer>();
            createTask(() -> {
                tasks.add(allTasks().size());
                reader.feedData(bytes("now\n"));
            });
            reader.readline().await();
            assertEquals(List.of(2), tasks);
        });
    }

    @Test
    @DisplayName("its text tells what it holds")
    void text() {
        VirtualTime.run(() -> {
            assertEquals("<StreamReader 3 bytes>", fed("abc").toString());
        });
    }
}
