// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade.docs;

import dev.simul.exceptions.CancelledException;
import dev.simul.facade.Queue;
import dev.simul.facade.VirtualClock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static dev.simul.facade.AsyncFiles.writeText;
import static dev.simul.facade.Asyncio.await;
import static dev.simul.facade.Asyncio.createTask;
import static dev.simul.facade.Asyncio.run;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

class FileSamplesTest {
    @TempDir
    Path root;

    private Path file(String name, String text) throws IOException {
        return Files.writeString(root.resolve(name), text);
    }

    @Test
    @DisplayName("visits are counted")
    void visits() {
        VirtualClock.runTest(() -> {
            assertEquals(1, FileSamples.countVisit(root.resolve("visits")));
            assertEquals(2, FileSamples.countVisit(root.resolve("visits")));
        });
    }

    @Test
    @DisplayName("lines are filtered, and found")
    void lines() {
        VirtualClock.runTest(() -> {
            var log = file("log", "ok\nERROR one\nok\nERROR two\n");
            assertEquals(List.of("ERROR one", "ERROR two"), FileSamples.errors(log));
            assertEquals("ERROR one", FileSamples.firstError(log));
            assertNull(FileSamples.firstError(file("fine", "ok\n")));
            FileSamples.toWindows(log, root.resolve("windows"));
            assertEquals("ok\r\nERROR one\r\nok\r\nERROR two\r\n", Files.readString(root.resolve("windows")));
        });
    }

    @Test
    @DisplayName("a header is replaced in its place")
    void header() {
        VirtualClock.runTest(() -> {
            var path = file("image", "OLD rest");
            assertEquals("OLD", new String(FileSamples.replaceHeader(path, "NEW".getBytes())));
            assertEquals("NEW rest", Files.readString(path));
        });
    }

    @Test
    @DisplayName("tasks share a log")
    void shared() {
        VirtualClock.runTest(() -> {
            FileSamples.runAll(root.resolve("log"), List.of("a", "b", "c"));
            assertEquals(
                    Set.of("a is done", "b is done", "c is done"), new HashSet<>(Files.readAllLines(root.resolve("log"))));
        });
    }

    @Test
    @DisplayName("a tree has sizes, and a draft is published")
    void tree() {
        VirtualClock.runTest(() -> {
            var published = root.resolve("a/b/draft");
            assertEquals(published, FileSamples.publish(file("draft", "text"), root.resolve("a/b")));
            assertEquals(Map.of(published, 4L), FileSamples.sizes(root));
        });
    }

    @Test
    @DisplayName("settings are loaded again when they change")
    void settings() {
        run(() -> {
            var settings = file("settings", "old");
            var loaded = new Queue<String>();
            var task = createTask(() -> FileSamples.reloading(settings, loaded::putNowait));
            assertEquals("old", await(loaded.get()));
            await(writeText(settings, "new"));
            assertEquals("new", await(loaded.get()));
            task.cancel();
            assertThrows(CancelledException.class, () -> await(task));
        });
    }

    @Test
    @DisplayName("an archive is unpacked")
    void archive() {
        run(() -> {
            file("one", "text");
            file("two", "text");
            var archive = root.resolve("archive.tar");
            var tar = new ProcessBuilder("tar", "cf", archive.toString(), "-C", root.toString(), "one", "two").start();
            assertEquals(0, tar.waitFor());
            assertEquals(2, FileSamples.unpacked(Files.readAllBytes(archive)));
        });
    }
}
