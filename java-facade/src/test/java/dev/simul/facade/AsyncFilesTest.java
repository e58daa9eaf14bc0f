// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade;

import dev.simul.bodies.Carrier;
import dev.simul.exceptions.CancelledException;
import dev.simul.files.PathChange;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.MalformedInputException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import static dev.simul.facade.AsyncFiles.lines;
import static dev.simul.facade.AsyncFiles.listDirectory;
import static dev.simul.facade.AsyncFiles.openFile;
import static dev.simul.facade.AsyncFiles.openTextFile;
import static dev.simul.facade.AsyncFiles.readBytes;
import static dev.simul.facade.AsyncFiles.readText;
import static dev.simul.facade.AsyncFiles.temporaryDirectory;
import static dev.simul.facade.AsyncFiles.temporaryFile;
import static dev.simul.facade.AsyncFiles.walk;
import static dev.simul.facade.AsyncFiles.watch;
import static dev.simul.facade.AsyncFiles.writeBytes;
import static dev.simul.facade.AsyncFiles.writeText;
import static dev.simul.facade.Asyncio.asyncWith;
import static dev.simul.facade.Asyncio.await;
import static dev.simul.facade.Asyncio.createTask;
import static dev.simul.facade.Asyncio.gather;
import static dev.simul.facade.Asyncio.newEventLoop;
import static dev.simul.facade.Asyncio.run;
import static dev.simul.facade.Asyncio.sleep;
import static java.time.Duration.ofHours;
import static java.time.Duration.ofMillis;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

class AsyncFilesTest {
    @TempDir
    Path folder;

    static Stream<Carrier> carriers() {
        return Carrier.available().stream();
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }

    private Path file(String text) throws IOException {
        return Files.writeString(folder.resolve("a"), text);
    }

    private Set<String> names() throws IOException {
        try (Stream<Path> entries = Files.list(folder)) {
            return new HashSet<>(entries.map(path -> path.getFileName().toString()).toList());
        }
    }

    @Test
    @DisplayName("a file of bytes is read in parts, by lines, into buffers and to its end")
    void reads() {
        run(() -> {
            var path = file("one\ntwo\nthree four");
            try (var file = openFile(path).await()) {
                assertEquals(path, file.path());
                assertEquals("on", text(file.read(2).await()));
                assertEquals("e\n", text(file.readline().await()));
                assertEquals(4, file.tell());
                var buffer = ByteBuffer.allocate(4);
                assertEquals(4, file.readInto(buffer).await());
                assertEquals("two\n", text(buffer.array()));
                assertEquals("three four", text(file.read().await()));
                assertEquals(-1, file.readInto(buffer.clear()).await());
                assertEquals(4, file.seek(4).await());
                assertEquals(18, file.size().await());
                var rest = new ArrayList<String>();
                for (byte[] line : file) rest.add(text(line));
                assertEquals(List.of("two\n", "three four"), rest);
                assertThrows(NoSuchElementException.class, () -> file.iterator().next());
            }
        });
    }

    @Test
    @DisplayName("a file of bytes is written, truncated and forced to the device")
    void writes() {
        run(() -> {
            var path = folder.resolve("a");
            try (var file = openFile(path, "w+").await()) {
                file.write("one ").await();
                file.write("two ".getBytes()).await();
                file.write(ByteBuffer.wrap("three".getBytes())).await();
                file.fsync().await();
                file.fsync(false).await();
                assertEquals(7, file.truncate(7).await());
                file.seek(4).await();
                assertEquals(4, file.truncate().await());
            }
            assertEquals("one ", Files.readString(path));
            try (var file = openFile(path, Set.of(StandardOpenOption.APPEND)).await()) {
                file.write("more").await();
            }
            assertEquals("one more", Files.readString(path));
        });
    }

    @Test
    @DisplayName("failures are those of NIO, and can be caught")
    void failures() {
        run(() -> {
            var missing = folder.resolve("missing");
            try {
                await(openFile(missing), IOException.class);
                throw new AssertionError("it is missing");
            } catch (IOException e) {
                assertEquals(missing.toString(), assertThrows(NoSuchFileException.class, () -> rethrow(e)).getFile());
            }
            assertThrows(FileSystemException.class, () -> openFile(folder).await());
            assertThrows(FileAlreadyExistsException.class, () -> openFile(file("text"), "x").await());
            assertThrows(IllegalArgumentException.class, () -> openFile(missing, "q").await());
            assertThrows(NoSuchFileException.class, () -> readBytes(missing).await());
            assertThrows(NoSuchFileException.class, () -> lines(missing).anext().await());
            assertThrows(NotDirectoryException.class, () -> watch(file("text")).await());
            var file = openFile(file("text")).await();
            assertThrows(IllegalStateException.class, () -> file.write("text").await());
            file.aclose().await();
            assertTrue(file.isClosed());
            assertThrows(IllegalStateException.class, () -> file.read().await());
            assertThrows(IllegalStateException.class, file::tell);
        });
    }

    private static void rethrow(IOException e) throws IOException {
        throw e;
    }

    @Test
    @DisplayName("a file of text is read by characters and lines, and written with the ends of lines that were asked for")
    void text() {
        run(() -> {
            var path = folder.resolve("a");
            try (var file = openTextFile(path, "w", StandardCharsets.UTF_16, "\r\n").await()) {
                file.write("zwölf\n").await();
                file.write("zwei\n").await();
                file.fsync().await();
                file.fsync(false).await();
                assertEquals(path, file.path());
                assertFalse(file.isClosed());
            }
            assertEquals("zwölf\r\nzwei\r\n", readText(path, StandardCharsets.UTF_16).await());
            try (var file = openTextFile(path, "r", StandardCharsets.UTF_16, null).await()) {
                assertEquals("zw", file.read(2).await());
                assertEquals("ölf\n", file.readline().await());
                assertEquals("zwei\n", file.read().await());
            }
            try (var file = openTextFile(file("one\r\ntwo")).await()) {
                var lines = new ArrayList<String>();
                for (String line : file.lines()) lines.add(line);
                assertEquals(List.of("one", "two"), lines);
                file.aclose().await();
                assertTrue(file.isClosed());
            }
            try (var file = openTextFile(path, "a").await()) {
                file.write("end").await();
            }
            assertTrue(readText(path).await().endsWith("twoend"));
            Files.write(path, new byte[] {-1});
            assertThrows(MalformedInputException.class, () -> readText(path).await());
        });
    }

    @Test
    @DisplayName("whole files are written at once")
    void wholeFiles() {
        run(() -> {
            var path = folder.resolve("a");
            writeText(path, "zwölf").await();
            assertEquals("zwölf", readText(path).await());
            writeText(path, "zwölf", StandardCharsets.ISO_8859_1).await();
            assertEquals(5, readBytes(path).await().length);
            writeBytes(path, new byte[] {1, 2}).await();
            assertArrayEquals(new byte[] {1, 2}, readBytes(path).await());
            var writing = createTask(() -> await(writeBytes(path, new byte[64 << 20])));
            sleep(ofMillis(5)).await();
            writing.cancel();
            try {
                writing.await();
            } catch (CancelledException e) {
                assertEquals(Set.of("a"), names());
            }
            assertTrue(Set.of(2L, 64L << 20).contains(Files.size(path)));
            assertEquals(Set.of("a"), names());
        });
    }

    @ParameterizedTest
    @MethodSource("carriers")
    @DisplayName("on each carrier, the lines of files are for loops, and tasks share an open file")
    void onEachCarrier(Carrier carrier) {
        Asyncio.run(
                null,
                () -> {
                    var loop = newEventLoop();
                    loop.setCarrier(carrier);
                    return loop;
                },
                () -> {
                    var path = folder.resolve("a");
                    try (var file = openFile(path, "w").await()) {
                        gather(IntStream.range(0, 50)
                                        .mapToObj(i -> createTask(() -> file.write(i + "\n").await()))
                                        .toList())
                                .await();
                    }
                    var lines = new ArrayList<String>();
                    for (String line : lines(path)) lines.add(line);
                    assertEquals(IntStream.range(0, 50).mapToObj(String::valueOf).toList(), lines);
                    try (var some = lines(path, StandardCharsets.US_ASCII)) {
                        for (String line : some) {
                            if (line.equals("3")) break;
                        }
                        assertEquals("4", some.anext().await());
                    }
                });
    }

    @Test
    @DisplayName("directories are listed and walked")
    void directories() {
        run(() -> {
            var below = Files.createDirectories(folder.resolve("sub/below"));
            Files.createSymbolicLink(folder.resolve("link"), below);
            var entries = new HashSet<Path>();
            for (Path entry : listDirectory(folder)) entries.add(entry);
            assertEquals(Set.of(folder.resolve("sub"), folder.resolve("link")), entries);
            var walked = new ArrayList<Path>();
            for (Path path : walk(folder.resolve("sub"))) walked.add(path);
            assertEquals(List.of(folder.resolve("sub"), below), walked);
            int count = 0;
            for (Path path : walk(folder, true)) count++;
            assertEquals(4, count);
        });
    }

    @Test
    @DisplayName("a directory is watched until the try ends")
    void watched() {
        run(() -> {
            try (var changes = watch(folder).await()) {
                var path = folder.resolve("a");
                Files.createFile(path);
                for (PathChange change : changes) {
                    assertEquals(new PathChange(PathChange.Kind.CREATED, path), change);
                    break;
                }
            }
            var below = Files.createDirectories(folder.resolve("sub"));
            try (var changes = watch(folder, true).await()) {
                Files.createFile(below.resolve("b"));
                assertEquals(below.resolve("b"), changes.anext().await().path());
            }
        });
    }

    @Test
    @DisplayName("temporary files and directories are there for their block")
    void temporary() {
        run(() -> {
            Path path = asyncWith(temporaryFile(), file -> {
                file.write("text").await();
                assertEquals("text", Files.readString(file.path()));
                return file.path();
            }).await();
            assertFalse(Files.exists(path));
            asyncWith(temporaryFile(folder, "a", ".b"), file -> {
                assertEquals(folder, file.path().getParent());
                return null;
            }).await();
            path = asyncWith(temporaryDirectory(), directory -> {
                writeText(directory.resolve("a"), "text").await();
                return directory;
            }).await();
            assertFalse(Files.exists(path));
            var failure = assertThrows(
                    IOException.class,
                    () -> asyncWith(temporaryDirectory(folder, "a"), directory -> {
                        throw new IOException(directory.getParent().toString());
                    }).await());
            assertEquals(folder.toString(), failure.getMessage());
            assertEquals(Set.of(), names());
        });
    }

    @Test
    @DisplayName("on virtual time, files are waited for before an hour passes")
    void virtualTime() {
        VirtualClock.runTest(() -> {
            var writing = createTask(() -> await(writeText(folder.resolve("a"), "text")));
            sleep(ofHours(1)).await();
            assertTrue(writing.done());
        });
    }
}
