// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade.docs;

import dev.simul.facade.Backoff;
import dev.simul.facade.RateLimiter;
import dev.simul.facade.Semaphore;
import dev.simul.facade.Task;
import dev.simul.facade.ThreadOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.Function;

import static dev.simul.facade.Asyncio.asCompleted;
import static dev.simul.facade.Asyncio.await;
import static dev.simul.facade.Asyncio.retry;
import static dev.simul.facade.Asyncio.staggeredRace;
import static dev.simul.facade.Asyncio.taskGroup;
import static dev.simul.facade.Asyncio.timeout;
import static dev.simul.facade.Asyncio.toThread;
import static java.time.Duration.ofMillis;
import static java.time.Duration.ofMinutes;
import static java.time.Duration.ofSeconds;

/** The cookbook's blocks about many calls, and slow or failing ones; {@link CookbookCallsTest} runs them, {@link DocsTest} compares. */
final class CookbookSamplesCalls {
    private CookbookSamplesCalls() {}

    static List<String> fetchAll(List<String> urls, Function<String, String> fetch) {
        var limiter = new RateLimiter(10, ofSeconds(1));
        var pages = new ArrayList<Task<String>>();
        await(taskGroup(group -> {
            for (String url : urls) {
                pages.add(group.createTask(() -> {
                    await(limiter.acquire());
                    return fetch.apply(url);
                }));
            }
            return null;
        }));
        return pages.stream().map(Task::result).toList();
    }

    static String fetchPatiently(String url, Function<String, String> fetch) {
        var backoff = Backoff.exponential(ofMillis(200), 2, ofSeconds(5)).jittered();
        return await(timeout(ofSeconds(10), () -> await(retry(
                5,
                backoff,
                failure -> failure instanceof IOException || failure instanceof TimeoutException,
                () -> await(timeout(ofSeconds(3), () -> fetch.apply(url)))))));
    }

    static <T, R> List<R> mapAtMost(int limit, List<T> items, Function<T, R> work) {
        var slots = new Semaphore(limit);
        var tasks = new ArrayList<Task<R>>();
        await(taskGroup(group -> {
            for (T item : items) {
                tasks.add(group.createTask(() -> {
                    try (var slot = slots.hold()) {
                        return work.apply(item);
                    }
                }));
            }
            return null;
        }));
        return tasks.stream().map(Task::result).toList();
    }

    static <T, R> void asTheyCome(int limit, List<T> items, Function<T, R> work, Consumer<R> receive) {
        var slots = new Semaphore(limit);
        await(taskGroup(group -> {
            var tasks = new ArrayList<Task<R>>();
            for (T item : items) {
                tasks.add(group.createTask(() -> {
                    try (var slot = slots.hold()) {
                        return work.apply(item);
                    }
                }));
            }
            for (Task<R> done : asCompleted(tasks)) {
                receive.accept(done.result());
            }
            return null;
        }));
    }

    static <T> T firstAnswer(List<Callable<T>> servers) throws IOException {
        var race = await(staggeredRace(servers, ofMillis(200)));
        if (race.winner() == null) {
            var failure = new IOException("none of " + servers.size() + " servers answered");
            race.exceptions().forEach(failure::addSuppressed);
            throw failure;
        }
        return race.result();
    }

    static <T> Map<String, T> answersWithin(Duration limit, Map<String, Callable<T>> calls) {
        var answers = new LinkedHashMap<String, T>();
        try {
            await(timeout(limit, () -> await(taskGroup(group -> {
                calls.forEach((name, call) -> group.createTask(name, () -> answers.put(name, call.call())));
                return null;
            }))), TimeoutException.class);
        } catch (TimeoutException e) {
            System.out.println("answers from " + answers.keySet() + " only");
        }
        return answers;
    }

    static String checksum(Path file) {
        return await(timeout(ofMinutes(1), () -> await(toThread(new ThreadOptions().interruptOnCancel(true), () -> {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(file));
            return HexFormat.of().formatHex(digest);
        }))));
    }
}
