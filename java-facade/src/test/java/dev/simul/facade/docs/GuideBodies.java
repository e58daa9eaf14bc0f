// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade.docs;

import dev.simul.ReturnWhen;
import dev.simul.context.ContextVar;
import dev.simul.facade.Action;
import dev.simul.facade.AsyncContextManager;
import dev.simul.facade.AsyncIterable;
import dev.simul.facade.Backoff;
import dev.simul.facade.Condition;
import dev.simul.facade.Generator;
import dev.simul.facade.Lock;
import dev.simul.facade.Queue;
import dev.simul.facade.RateLimiter;
import dev.simul.facade.Task;
import dev.simul.queues.QueueShutDown;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.Flow;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;

import static dev.simul.facade.Asyncio.asCompleted;
import static dev.simul.facade.Asyncio.asyncContextManager;
import static dev.simul.facade.Asyncio.asyncGenerator;
import static dev.simul.facade.Asyncio.asyncWith;
import static dev.simul.facade.Asyncio.await;
import static dev.simul.facade.Asyncio.createTask;
import static dev.simul.facade.Asyncio.currentTask;
import static dev.simul.facade.Asyncio.every;
import static dev.simul.facade.Asyncio.exceptStar;
import static dev.simul.facade.Asyncio.fromPublisher;
import static dev.simul.facade.Asyncio.gather;
import static dev.simul.facade.Asyncio.gatherResults;
import static dev.simul.facade.Asyncio.generator;
import static dev.simul.facade.Asyncio.getRunningLoop;
import static dev.simul.facade.Asyncio.retry;
import static dev.simul.facade.Asyncio.sleep;
import static dev.simul.facade.Asyncio.taskGroup;
import static dev.simul.facade.Asyncio.timeout;
import static dev.simul.facade.Asyncio.waitOn;
import static java.time.Duration.ZERO;
import static java.time.Duration.ofHours;
import static java.time.Duration.ofMillis;
import static java.time.Duration.ofSeconds;

/** The bodies of the Java guide, which {@link DocsTest} runs on virtual time. */
final class GuideBodies {
    private GuideBodies() {}

    private static String fetch(String name) {
        return FirstProgram.fetch(name);
    }

    static void begins() {
        var slow = sleep(ofSeconds(3), "slow");
        var quick = sleep(ofSeconds(1), "quick");
        System.out.println(await(quick) + " " + await(slow));       // quick slow
        System.out.println(getRunningLoop().time());                // PT3S
    }

    static void turns() {
        createTask(() -> {
            System.out.println("task");
        });
        System.out.println("maker");
        await(sleep(ZERO));
        System.out.println("maker again");
    }

    static void together() {
        System.out.println(await(gather(() -> fetch("a"), () -> fetch("b"))));      // [a.html, b.html]
    }

    static void results() {
        var bad = createTask(() -> {
            throw new IOException("no route");
        });
        for (var done : await(gatherResults(bad, createTask(() -> fetch("good"))))) {
            System.out.println(done.exception() == null ? done.result() : "failed");    // failed, then good.html
        }
    }

    static void asTheyCome() {
        for (var done : asCompleted(List.of(sleep(ofSeconds(2), "two"), sleep(ofSeconds(1), "one")))) {
            System.out.println(done.result());      // one, then two
        }
    }

    static void theFirst() {
        var both = List.of(createTask("tortoise", () -> sleep(ofHours(1)).await()), createTask("hare", () -> fetch("hare")));
        var found = await(waitOn(both, ReturnWhen.FIRST_COMPLETED));
        found.done().forEach(task -> System.out.println(task.getName() + " is there"));     // hare is there
        found.pending().forEach(task -> task.cancel("too late"));
    }

    static void cancelled() {
        var patient = createTask(() -> {
            try {
                return await(sleep(ofHours(1), "slept"));
            } finally {
                await(sleep(ofSeconds(1)));
                System.out.println("cleaned up");       // cleaned up
            }
        });
        await(sleep(ZERO));
        patient.cancel("no time");
        try {
            await(patient);
        } catch (CancellationException e) {
            System.out.println(e.getMessage() + " " + patient.isCancelled());       // no time true
        }
    }

    static void impatient() {
        try {
            String page = await(timeout(ofMillis(500), () -> fetch("page")), TimeoutException.class);
            System.out.println(page);
        } catch (TimeoutException e) {
            System.out.println(e.getMessage());     // the timeout has expired
        }
    }

    static void group() {
        var pages = await(taskGroup(group -> List.of(
                group.createTask(() -> fetch("left")), group.createTask(() -> fetch("right")))));
        System.out.println(pages.get(0).result() + " " + pages.get(1).result());    // left.html right.html
    }

    static void typeByType() {
        exceptStar(
                () -> await(taskGroup(group -> {
                    group.createTask(() -> {
                        throw new FileNotFoundException("left");
                    });
                    return group.createTask(() -> fetch("right"));
                })),
                except -> except
                        .on(TimeoutException.class, late -> fetch("later"))
                        .on(IOException.class, failed -> System.out.println(failed.exceptions().size())));       // 1
    }

    static void locked() {
        var account = new int[] {100};
        var lock = new Lock();
        Action withdraw = () -> {
            try (var held = lock.hold()) {
                int balance = account[0];
                await(sleep(ofSeconds(1)));
                account[0] = balance - 10;
            }
        };
        await(gather(withdraw, withdraw, withdraw));
        System.out.println(account[0]);     // 70
    }

    static void notified() {
        var stock = new ArrayDeque<String>();
        var condition = new Condition();
        var buyer = createTask(() -> {
            try (var held = condition.hold()) {
                await(condition.waitFor(() -> !stock.isEmpty()));
                return stock.remove();
            }
        });
        await(sleep(ofHours(1)));
        try (var held = condition.hold()) {
            stock.add("tea");
            condition.notifyWaiter();
        }
        System.out.println(await(buyer));       // tea
    }

    static void queued() {
        var queue = new Queue<String>(1);
        var worker = createTask(() -> {
            try {
                while (true) {
                    System.out.println(fetch(await(queue.get())));      // a.html, then b.html
                }
            } catch (QueueShutDown e) {
                return "no more";
            }
        });
        for (var name : List.of("a", "b")) {
            await(queue.put(name));
        }
        queue.shutdown();
        System.out.println(await(worker));      // no more
    }

    static AsyncIterable<Integer> ticks(int n) {
        return asyncGenerator(gen -> {
            for (int i = 1; i <= n; i++) {
                await(sleep(ofSeconds(1)));
                gen.yield(i);
            }
        });
    }

    static void twoTicks() {
        try (var ticks = ticks(1_000)) {
            for (int tick : ticks) {
                System.out.println(tick + " at " + getRunningLoop().time());        // 1 at PT1S, then 2 at PT2S
                if (tick == 2) {
                    break;
                }
            }
        }
    }

    static void published() {
        Flow.Publisher<Integer> published = ticks(3).toPublisher();
        var sum = 0;
        try (var items = fromPublisher(published)) {
            for (int item : items) {
                sum += item;
            }
        }
        System.out.println(sum);        // 6
    }

    static void averages() {
        Generator<Double, Double, Void> average = generator(gen -> {
            double sum = gen.yield(0.0);
            for (int n = 1; true; n++) {
                sum += gen.yield(sum / n);
            }
        });
        average.next();
        System.out.println(average.send(2.0) + " " + average.send(4.0));    // 2.0 3.0
        average.close();
    }

    static final ContextVar<String> USER = new ContextVar<>("user", "nobody");

    static void users() {
        Task<String> task;
        try (var token = USER.set("ann")) {
            task = createTask(() -> USER.get());
        }
        System.out.println(await(task) + " " + USER.get());     // ann nobody
    }

    static AsyncContextManager<String> connection(String host) {
        return asyncContextManager(gen -> {
            await(sleep(ofSeconds(1)));
            try {
                gen.yield("connection to " + host);
            } finally {
                await(sleep(ofSeconds(1)));
                System.out.println(host + " is closed");        // here is closed
            }
        });
    }

    static void connected() {
        String result = await(asyncWith(connection("here"), it -> it + "!"));
        System.out.println(result);     // connection to here!
    }

    static void traced() {
        currentTask().setName("main");
        try {
            await(createTask("page", () -> Integer.parseInt("page")));
        } catch (NumberFormatException e) {
            for (var frame : e.getStackTrace()) {
                if (frame.getClassName().equals("awaited")) {
                    System.out.println(frame);      // awaited.by(main)
                }
            }
        }
    }

    static void handled() {
        var loop = getRunningLoop();
        loop.setExceptionHandler((it, report) -> System.out.println(report.exception().getMessage()));      // no more
        loop.callSoon(() -> {
            throw new IllegalStateException("no more");
        });
        await(sleep(ZERO));
    }

    static void retries() {
        var attempts = new AtomicInteger();
        var page = await(retry(3, Backoff.exponential(ofSeconds(1)), e -> e instanceof IOException, () -> {
            if (attempts.incrementAndGet() < 3) {
                throw new IOException("refused");
            }
            return fetch("index");
        }));
        System.out.println(page + " after " + getRunningLoop().time());     // index.html after PT4S
    }

    static void rates() {
        var limiter = new RateLimiter(2, ofSeconds(10));
        for (var name : List.of("a", "b", "c")) {
            await(limiter.acquire());
            System.out.println(name + " at " + getRunningLoop().time());    // a at PT0S, then b at PT0S, then c at PT10S
        }
    }

    static void periods() {
        var beats = createTask(() -> every(ofSeconds(10), () -> System.out.println("beat")));    // beat, then beat, then beat
        await(sleep(ofSeconds(25)));
        beats.cancel();
    }
}
