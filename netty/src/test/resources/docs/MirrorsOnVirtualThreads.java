// SPDX-License-Identifier: Apache-2.0
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;

import static java.util.concurrent.TimeUnit.MILLISECONDS;

/** A block of the guide for those who come from virtual threads; MirrorsTest runs it on JDK 21 and newer. */
public class MirrorsOnVirtualThreads {
    static class Mirrors {
        private final Map<String, Integer> delays = Map.of("near", 100, "flaky", 250, "gone", 100, "slow", 60_000);
        private final Set<String> refused = ConcurrentHashMap.newKeySet();
        final AtomicInteger requests = new AtomicInteger();

        int ask(String mirror) throws IOException, InterruptedException {
            requests.incrementAndGet();
            Thread.sleep(delays.get(mirror));
            if (mirror.equals("gone") || mirror.equals("flaky") && refused.add(mirror)) {
                throw new IOException("refused");
            }
            return mirror.length();
        }
    }

    static <T> T limited(ExecutorService threads, Callable<T> call) throws Exception {
        var result = threads.submit(call);
        try {
            return result.get(700, MILLISECONDS);
        } catch (ExecutionException e) {
            throw (Exception) e.getCause();
        } finally {
            result.cancel(true);        // Interrupts the thread if it is still at work.
        }
    }

    static int twice(Callable<Integer> call) throws Exception {
        try {
            return call.call();
        } catch (InterruptedException e) {
            throw e;
        } catch (Exception e) {
            return call.call();
        }
    }

    static void fetch(ExecutorService threads, Mirrors mirrors, String mirror, Semaphore gate, Map<String, Integer> files) {
        try {
            gate.acquire();
            try {
                int found = twice(() -> limited(threads, () -> mirrors.ask(mirror)));
                System.out.println(mirror + ": " + found + " files");
                files.put(mirror, found);
            } finally {
                gate.release();
            }
        } catch (InterruptedException e) {
            System.out.println(mirror + ": given up");
        } catch (Exception e) {
            System.out.println(mirror + ": " + e.getMessage());
        }
    }

    static void askAll() throws InterruptedException {
        var mirrors = new Mirrors();
        var gate = new Semaphore(2, true);
        var files = Collections.synchronizedMap(new LinkedHashMap<String, Integer>());
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Callable<Object>> fetches = new ArrayList<>();
            for (var mirror : List.of("near", "flaky", "gone", "slow")) {
                fetches.add(Executors.callable(() -> fetch(threads, mirrors, mirror, gate, files)));
            }
            threads.invokeAll(fetches, 1500, MILLISECONDS);     // Cancels those that are late.
        }
        int sum = files.values().stream().mapToInt(Integer::intValue).sum();
        System.out.println(sum + " files from " + files.keySet() + ", " + mirrors.requests + " requests");
    }

    public static void main(String[] args) throws InterruptedException {
        askAll();
    }
}
