// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade.docs;

import dev.simul.facade.BackgroundLoop;
import dev.simul.facade.Future;
import dev.simul.facade.MemoryChannel;
import dev.simul.facade.ProcessOptions;
import dev.simul.facade.Redirect;
import dev.simul.facade.ThreadOptions;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Scanner;
import java.util.concurrent.ExecutorService;
import java.util.stream.IntStream;

import static dev.simul.facade.Asyncio.await;
import static dev.simul.facade.Asyncio.createSubprocessExec;
import static dev.simul.facade.Asyncio.createTask;
import static dev.simul.facade.Asyncio.gather;
import static dev.simul.facade.Asyncio.getRunningLoop;
import static dev.simul.facade.Asyncio.toThread;
import static dev.simul.facade.Asyncio.wrapFuture;
import static java.nio.charset.StandardCharsets.UTF_8;

/** The blocks of the guide to more than one core, between loops and for processors; {@link BetweenSamplesTest} runs them. */
final class BetweenSamples {
    private BetweenSamples() {}

    static List<Integer> wordCounts(List<String> texts, BackgroundLoop other) {
        MemoryChannel<String> there = getRunningLoop().channelTo(other.getLoop(), 100);
        MemoryChannel<Integer> back = other.getLoop().channelTo(getRunningLoop(), 100);
        var counting = other.submit(() -> {
            try (var receiver = there.receiver(); var sender = back.sender()) {
                for (String text : receiver) {
                    await(sender.send(text.split(" ").length));
                }
            }
        });
        var sending = createTask(() -> {
            try (var sender = there.sender()) {
                for (String text : texts) {
                    await(sender.send(text));
                }
            }
        });
        List<Integer> counts = new ArrayList<>();
        for (int count : back.receiver()) {
            counts.add(count);
        }
        await(wrapFuture(counting)); // Throws what has ended it early, if anything has.
        await(sending);
        return counts;
    }

    static boolean isPrime(int number) {
        return number > 1 && IntStream.rangeClosed(2, number / 2).noneMatch(divisor -> number % divisor == 0);
    }

    static long countPrimes(List<Integer> numbers, ExecutorService pool) {
        List<Future<Long>> counts = new ArrayList<>();
        for (int first = 0; first < numbers.size(); first += 1_000) {
            var batch = numbers.subList(first, Math.min(first + 1_000, numbers.size()));
            counts.add(getRunningLoop().runInExecutor(pool, () -> batch.stream().filter(BetweenSamples::isPrime).count()));
        }
        return await(gather(counts)).stream().mapToLong(count -> count).sum();
    }

    static int firstPrimeFrom(int number) {
        return await(toThread(new ThreadOptions().interruptOnCancel(true), () -> {
            int candidate = number;
            while (!isPrime(candidate)) {
                if (Thread.interrupted()) {
                    throw new InterruptedException("nobody waits for the prime");
                }
                candidate++;
            }
            return candidate;
        }));
    }

    static String inJvm(String main, String input) throws Exception {
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        var pipes = new ProcessOptions().stdin(Redirect.PIPE).stdout(Redirect.PIPE);
        var jvm = await(createSubprocessExec(pipes, java, "-Xmx256m", "-cp", System.getProperty("java.class.path"), main));
        try {
            var output = await(jvm.communicate(input));
            if (await(jvm.waitFor()) != 0) {
                throw new IllegalStateException(main + " has ended with " + jvm.returncode());
            }
            return new String(output.stdout(), UTF_8);
        } finally {
            if (jvm.returncode() == null) {
                jvm.kill();
                await(jvm.waitFor());
            }
        }
    }

    static final class PrimeCounter {
        public static void main(String[] args) {
            int limit = new Scanner(System.in).nextInt();
            System.out.println(IntStream.rangeClosed(2, limit).filter(BetweenSamples::isPrime).count());
        }
    }
}
