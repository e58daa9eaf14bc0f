// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade;

import dev.simul.bodies.Carrier;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

import static dev.simul.facade.Asyncio.await;
import static dev.simul.facade.Asyncio.createTask;
import static dev.simul.facade.Asyncio.newEventLoop;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.params.provider.Arguments.arguments;

/**
 * Other threads complete what bodies await, as those of drivers do. The loop has no timer and no socket: a wake-up that is lost would stop it
 * for good, at the latest when the last body waits for it.
 */
@Timeout(60)
class WakeUpsTest {
    private static final int QUESTIONS = Boolean.getBoolean("simul.soak") ? 2_000_000 : 20_000;

    private record Question(int number, CompletableFuture<Integer> answer) {}

    static Stream<Arguments> cases() {
        return Carrier.available().stream()
                .flatMap(carrier -> Stream.of(1, 2, 16).map(bodies -> arguments(carrier, bodies)));
    }

    @ParameterizedTest(name = "{0}, {1} bodies")
    @MethodSource("cases")
    @DisplayName("no wake-up by another thread is lost, whenever it comes")
    void noneIsLost(Carrier carrier, int bodies) {
        var questions = new LinkedBlockingQueue<Question>();
        var answering = new Thread(() -> answer(questions));
        answering.setDaemon(true);
        answering.start();
        int each = QUESTIONS / bodies;
        try {
            var counts = Asyncio.run(null, () -> loopOn(carrier), () -> {
                var tasks = new ArrayList<Task<Integer>>();
                for (int body = 0; body < bodies; body++) {
                    tasks.add(createTask(() -> ask(questions, each)));
                }
                return await(Asyncio.gather(tasks));
            });
            assertEquals(Collections.nCopies(bodies, each), counts);
        } finally {
            answering.interrupt();
        }
    }

    private static EventLoop loopOn(Carrier carrier) {
        var loop = newEventLoop();
        loop.setCarrier(carrier);
        return loop;
    }

    private static int ask(LinkedBlockingQueue<Question> questions, int times) {
        int number = 0;
        while (number < times) {
            var answer = new CompletableFuture<Integer>();
            questions.add(new Question(number, answer));
            number = await(answer);
        }
        return number;
    }

    /** Answers in batches, as event loops of drivers do: at once, after a moment in which the loop falls asleep, or long after. */
    private static void answer(LinkedBlockingQueue<Question> questions) {
        var random = new Random(1);
        List<Question> batch = new ArrayList<>();
        try {
            while (true) {
                batch.add(questions.take());
                questions.drainTo(batch);
                for (Question question : batch) {
                    switch (random.nextInt(64)) {
                        case 0 -> LockSupport.parkNanos(random.nextInt(60_000));
                        case 1, 2, 3, 4, 5, 6, 7 -> spin(random.nextInt(2_000));
                        default -> {}
                    }
                    question.answer().complete(question.number() + 1);
                }
                batch.clear();
            }
        } catch (InterruptedException e) {
            // The test is over.
        }
    }

    private static void spin(int times) {
        for (int i = 0; i < times; i++) {
            Thread.onSpinWait();
        }
    }
}
