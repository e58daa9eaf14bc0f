// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade.docs;

import dev.simul.facade.VirtualClock;
import dev.simul.facade.docs.CookbookSamplesShared.Board;
import dev.simul.facade.docs.CookbookSamplesShared.Cache;
import dev.simul.facade.docs.CookbookSamplesShared.Pool;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

import static dev.simul.facade.Asyncio.await;
import static dev.simul.facade.Asyncio.createTask;
import static dev.simul.facade.Asyncio.gather;
import static dev.simul.facade.Asyncio.getRunningLoop;
import static dev.simul.facade.Asyncio.sleep;
import static java.time.Duration.ZERO;
import static java.time.Duration.ofHours;
import static java.time.Duration.ofMinutes;
import static java.time.Duration.ofSeconds;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

class CookbookSharedTest {
    private final List<String> events = new ArrayList<>();
    private int opened;

    private AutoCloseable open() {
        await(sleep(ZERO));
        int number = ++opened;
        events.add("open " + number);
        return () -> events.add("close " + number);
    }

    @Test
    @DisplayName("a pool lends each resource to one task at a time, and closes them at its end")
    void pool() {
        VirtualClock.runTest(() -> {
            var pool = new Pool<>(2, this::open);
            var tasks = List.of(1, 2, 3).stream().map(n -> createTask(() -> pool.use(it -> await(sleep(ofSeconds(1), n))))).toList();
            assertEquals(List.of(1, 2, 3), await(gather(tasks)));
            assertEquals(ofSeconds(2), getRunningLoop().time());
            pool.close();
            assertEquals(List.of("open 1", "open 2"), events.subList(0, 2));
            assertEquals(4, events.size());
            assertThrows(IllegalStateException.class, () -> pool.use(it -> null));
        });
    }

    @Test
    @DisplayName("a pool closes what was in use by a task that has failed or was cancelled, and what comes back after its end")
    void poolAtFailures() {
        VirtualClock.runTest(() -> {
            var pool = new Pool<>(1, this::open);
            assertThrows(IllegalStateException.class, () -> pool.use(it -> {
                throw new IllegalStateException("lost");
            }));
            var task = createTask(() -> pool.use(it -> await(sleep(ofHours(1)))));
            await(sleep(ofSeconds(1)));
            task.cancel();
            pool.use(it -> {
                pool.close();
                return null;
            });
            assertEquals(List.of("open 1", "close 1", "open 2", "close 2", "open 3", "close 3"), events);
        });
    }

    @Test
    @DisplayName("a cache loads once for all who ask, and again when that is old")
    void cache() {
        VirtualClock.runTest(() -> {
            var cache = new Cache<String, Integer>(ofMinutes(1), key -> await(sleep(ofSeconds(1), ++opened)));
            var first = createTask(() -> cache.get("a"));
            var second = createTask(() -> cache.get("a"));
            await(sleep(ZERO));
            first.cancel();
            assertEquals(1, await(second));
            assertThrows(CancellationException.class, () -> await(first));
            await(sleep(ofSeconds(59)));
            assertEquals(1, cache.get("a"));
            await(sleep(ofSeconds(2)));
            assertEquals(2, cache.get("a"));
        });
    }

    @Test
    @DisplayName("a cache gives a failure to those who wait, and keeps it not")
    void cacheAtFailures() {
        VirtualClock.runTest(() -> {
            var cache = new Cache<String, Integer>(ofMinutes(1), key -> {
                await(sleep(ofSeconds(1)));
                if (++opened == 1) throw new IllegalStateException("refused");
                return opened;
            });
            var other = createTask(() -> cache.get("a"));
            assertThrows(IllegalStateException.class, () -> cache.get("a"));
            assertThrows(IllegalStateException.class, () -> await(other));
            assertEquals(2, cache.get("a"));
        });
    }

    @Test
    @DisplayName("a long poll waits for the next post, or until its time is up")
    void board() {
        VirtualClock.runTest(() -> {
            var board = new Board();
            board.post("one");
            assertEquals(List.of("one"), board.postsAfter(0, ofMinutes(1)));
            var reader = createTask(() -> board.postsAfter(1, ofMinutes(1)));
            await(sleep(ofSeconds(10)));
            board.post("two");
            assertEquals(List.of("two"), await(reader));
            assertEquals(ofSeconds(10), getRunningLoop().time());
            assertEquals(List.of(), board.postsAfter(2, ofMinutes(1)));
            assertEquals(ofSeconds(70), getRunningLoop().time());
            board.post("three");
        });
    }
}
