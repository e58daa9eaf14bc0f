// SPDX-License-Identifier: Apache-2.0
package dev.simul.netty.docs;

import dev.simul.facade.Backoff;
import dev.simul.facade.Semaphore;
import java.io.IOException;
import java.time.Duration;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.TimeoutException;

import static dev.simul.facade.Asyncio.await;
import static dev.simul.facade.Asyncio.retry;
import static dev.simul.facade.Asyncio.sleep;
import static dev.simul.facade.Asyncio.taskGroup;
import static dev.simul.facade.Asyncio.timeout;
import static java.time.Duration.ofMillis;
import static java.time.Duration.ofMinutes;

/** The program that the guides for those who come from elsewhere show; MirrorsTest runs it, the facade's DocsTest compares. */
final class MirrorsSamplesInJava {
    private MirrorsSamplesInJava() {}

    static class Mirrors {
        private final Map<String, Duration> delays =
                Map.of("near", ofMillis(100), "flaky", ofMillis(250), "gone", ofMillis(100), "slow", ofMinutes(1));
        private final Set<String> refused = new HashSet<>();
        int requests;

        int ask(String mirror) throws IOException {
            requests++;
            await(sleep(delays.get(mirror)));
            if (mirror.equals("gone") || mirror.equals("flaky") && refused.add(mirror)) {
                throw new IOException("refused");
            }
            return mirror.length();
        }
    }

    static void fetch(Mirrors mirrors, String mirror, Semaphore gate, Map<String, Integer> files) {
        try (var held = gate.hold()) {
            int found = await(retry(2, Backoff.NONE, () -> await(timeout(ofMillis(700), () -> mirrors.ask(mirror)))));
            System.out.println(mirror + ": " + found + " files");
            files.put(mirror, found);
        } catch (CancellationException e) {
            System.out.println(mirror + ": given up");
            throw e;
        } catch (Exception e) {
            System.out.println(mirror + ": " + e.getMessage());
        }
    }

    static void askAll() {
        var mirrors = new Mirrors();
        var gate = new Semaphore(2);
        var files = new LinkedHashMap<String, Integer>();
        try {
            await(timeout(ofMillis(1500), () -> await(taskGroup(group -> {
                for (var mirror : List.of("near", "flaky", "gone", "slow")) {
                    group.createTask(() -> fetch(mirrors, mirror, gate, files));
                }
                return null;
            }))), TimeoutException.class);
        } catch (TimeoutException e) {
            // What has come by now counts.
        }
        int sum = files.values().stream().mapToInt(Integer::intValue).sum();
        System.out.println(sum + " files from " + files.keySet() + ", " + mirrors.requests + " requests");
    }
}
