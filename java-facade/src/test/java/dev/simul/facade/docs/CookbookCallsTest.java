// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade.docs;

import dev.simul.exceptions.ExceptionGroup;
import dev.simul.facade.Action;
import dev.simul.facade.VirtualClock;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static dev.simul.facade.Asyncio.await;
import static dev.simul.facade.Asyncio.createTask;
import static dev.simul.facade.Asyncio.getRunningLoop;
import static dev.simul.facade.Asyncio.run;
import static dev.simul.facade.Asyncio.sleep;
import static java.time.Duration.ZERO;
import static java.time.Duration.ofHours;
import static java.time.Duration.ofMillis;
import static java.time.Duration.ofSeconds;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

class CookbookCallsTest {
    private static final List<String> URLS = IntStream.range(0, 25).mapToObj(Integer::toString).toList();

    @Test
    @DisplayName("ten calls begin in each second, and their results are in order")
    void fetchAll() {
        VirtualClock.runTest(() -> {
            var begun = new ArrayList<Duration>();
            var pages = CookbookSamplesCalls.fetchAll(URLS, url -> {
                begun.add(getRunningLoop().time());
                return "page " + url;
            });
            assertEquals(URLS.stream().map(url -> "page " + url).toList(), pages);
            assertEquals(ofSeconds(0), begun.get(9));
            assertEquals(ofSeconds(1), begun.get(10));
            assertEquals(ofSeconds(2), begun.get(24));
        });
    }

    @Test
    @DisplayName("the first failure ends the calls that wait for their turn")
    void failure() {
        VirtualClock.runTest(() -> {
            var begun = new ArrayList<String>();
            var failure = assertThrows(ExceptionGroup.class, () -> CookbookSamplesCalls.fetchAll(URLS, url -> {
                begun.add(url);
                if (url.equals("2")) throw new IllegalStateException("refused");
                return await(sleep(ofHours(1), url));
            }));
            assertEquals("refused", failure.exceptions().get(0).getMessage());
            assertEquals(10, begun.size());
            assertEquals(ZERO, getRunningLoop().time());
        });
    }

    @Test
    @DisplayName("what hangs or fails is tried again; a mistake is not")
    void fetchPatiently() {
        VirtualClock.runTest(() -> {
            var attempts = new ArrayList<String>();
            assertEquals("page", CookbookSamplesCalls.fetchPatiently("a", url -> {
                attempts.add(url);
                if (attempts.size() == 1) throw sneaky(new IOException("refused"));
                return attempts.size() == 2 ? await(sleep(ofHours(1), "late")) : "page";
            }));
            assertEquals(3, attempts.size());
            assertThrows(IllegalStateException.class, () -> CookbookSamplesCalls.fetchPatiently("a", url -> {
                throw new IllegalStateException("a mistake");
            }));
            assertThrows(IOException.class, () -> CookbookSamplesCalls.fetchPatiently("a", url -> {
                throw sneaky(new IOException("refused"));
            }));
            var begun = getRunningLoop().time();
            assertThrows(TimeoutException.class, () -> CookbookSamplesCalls.fetchPatiently("a", url -> await(sleep(ofHours(1), ""))));
            assertEquals(ofSeconds(10), getRunningLoop().time().minus(begun));
        });
    }

    @SuppressWarnings("unchecked")
    private static <E extends Throwable> RuntimeException sneaky(Throwable failure) throws E {
        throw (E) failure;
    }

    @Test
    @DisplayName("at most two at once, with the results in order")
    void mapAtMost() {
        VirtualClock.runTest(() -> {
            Function<Integer, Integer> work = seconds -> await(sleep(ofSeconds(seconds), seconds * 10));
            assertEquals(List.of(30, 10, 20), CookbookSamplesCalls.mapAtMost(2, List.of(3, 1, 2), work));
            assertEquals(ofSeconds(3), getRunningLoop().time());
        });
    }

    @Test
    @DisplayName("at most two at once, with the results as they come")
    void asTheyCome() {
        VirtualClock.runTest(() -> {
            var results = new ArrayList<Integer>();
            Function<Integer, Integer> work = seconds -> await(sleep(ofSeconds(seconds), seconds));
            CookbookSamplesCalls.asTheyCome(2, List.of(3, 1, 4), work, results::add);
            assertEquals(List.of(1, 3, 4), results);
            assertEquals(ofSeconds(5), getRunningLoop().time());
            var failure = assertThrows(ExceptionGroup.class, () -> CookbookSamplesCalls.asTheyCome(2, List.of(1, 2), seconds -> {
                if (seconds == 1) throw new UncheckedIOException(new IOException("refused"));
                return await(sleep(ofHours(1), seconds));
            }, results::add));
            assertEquals(1, failure.exceptions().size());
            assertEquals(ofSeconds(5), getRunningLoop().time());
        });
    }

    @Test
    @DisplayName("the first answer wins, and all failures are told")
    void firstAnswer() {
        VirtualClock.runTest(() -> {
            Callable<String> slow = () -> await(sleep(ofHours(1), "slow"));
            Callable<String> quick = () -> await(sleep(ofMillis(50), "quick"));
            assertEquals("quick", CookbookSamplesCalls.firstAnswer(List.of(slow, quick)));
            assertEquals(ofMillis(250), getRunningLoop().time());
            Callable<String> refusal = () -> {
                throw new IOException("refused");
            };
            var failure = assertThrows(IOException.class, () -> CookbookSamplesCalls.firstAnswer(List.of(refusal, refusal)));
            assertEquals(2, failure.getSuppressed().length);
        });
    }

    @Test
    @DisplayName("what is there when the time is up")
    void answersWithin() {
        VirtualClock.runTest(() -> {
            var calls = new LinkedHashMap<String, Callable<Integer>>();
            calls.put("a", () -> await(sleep(ofSeconds(1), 1)));
            calls.put("b", () -> await(sleep(ofHours(1), 2)));
            assertEquals(Map.of("a", 1), CookbookSamplesCalls.answersWithin(ofSeconds(2), calls));
            assertEquals(ofSeconds(2), getRunningLoop().time());
        });
    }

    @Test
    @DisplayName("all calls are cancelled with the task that waits for them")
    void cancelled() {
        VirtualClock.runTest(() -> {
            var ended = new ArrayList<String>();
            Callable<Integer> call = () -> {
                try {
                    return await(sleep(ofHours(1), 1));
                } finally {
                    ended.add("ended");
                }
            };
            var task = createTask(() -> CookbookSamplesCalls.answersWithin(ofHours(2), Map.of("a", call, "b", call)));
            await(sleep(ofSeconds(1)));
            task.cancel();
            assertThrows(CancellationException.class, () -> await(task));
            assertEquals(List.of("ended", "ended"), ended);
        });
    }

    @Test
    @DisplayName("a file's checksum")
    void checksum(@TempDir Path folder) throws IOException {
        Path file = Files.writeString(folder.resolve("abc"), "abc");
        String expected = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        run((Action) () -> assertEquals(expected, CookbookSamplesCalls.checksum(file)));
    }
}
