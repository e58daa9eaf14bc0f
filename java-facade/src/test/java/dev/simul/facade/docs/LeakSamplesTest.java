// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade.docs;

import dev.simul.docs.DiagnosisGuide;
import dev.simul.facade.Queue;
import dev.simul.facade.TaskOptions;
import dev.simul.facade.VirtualClock;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.util.concurrent.CancellationException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

import static dev.simul.docs.DiagnosisGuide.masked;
import static dev.simul.facade.Asyncio.await;
import static dev.simul.facade.Asyncio.createTask;
import static dev.simul.facade.Asyncio.dumpTasks;
import static dev.simul.facade.Asyncio.getRunningLoop;
import static dev.simul.facade.Asyncio.sleep;
import static java.time.Duration.ofMinutes;
import static java.time.Duration.ofSeconds;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

class LeakSamplesTest {
    @BeforeEach
    void forget() {
        LeakSamples.payments.clear();
    }

    @Test
    @DisplayName("the number of tasks grows as the guide shows")
    void growth() {
        var printed = printed(() -> {
            var orders = new Queue<Integer>();
            createTask(new TaskOptions().name("orders"), () -> LeakSamples.takeOrders(orders));
            createTask(new TaskOptions().name("watch"), LeakSamples::watchTasks);
            customers(orders, 200);
        });
        assertTrue(DiagnosisGuide.getText().contains("```text\n" + printed + "```\n"), printed);
    }

    @Test
    @DisplayName("each order that nobody pays is dumped as the guide shows")
    void dump() {
        var printed = printed(() -> {
            var orders = new Queue<Integer>();
            createTask(new TaskOptions().name("orders"), () -> LeakSamples.takeOrders(orders));
            customers(orders, 3);
            await(sleep(ofMinutes(1)));
            assertEquals(3, getRunningLoop().metrics().tasks());
            dumpTasks(System.out);
        });
        assertEquals(masked(DiagnosisGuide.block("* Task(name='order 3'")), masked(printed.substring(printed.indexOf("* Task(name='order 3'"))));
    }

    @Test
    @DisplayName("with a timeout, an order is dropped in the end, and nothing is left of it")
    void timeout() {
        var printed = printed(() -> {
            await(createTask(() -> LeakSamples.serveInTime(7)));
            var paid = createTask(() -> LeakSamples.serveInTime(8));
            await(sleep(ofSeconds(1)));
            LeakSamples.pay(8);
            await(paid);
        });
        assertEquals("order 7 is dropped\n", printed);
        assertTrue(LeakSamples.payments.isEmpty());
    }

    @Test
    @DisplayName("with a group, the orders go with their customer")
    void group() {
        VirtualClock.runTest(() -> {
            var orders = new Queue<Integer>();
            var customer = createTask(() -> LeakSamples.serveCustomer(orders));
            for (int order = 1; order <= 10; order++) {
                await(orders.put(order));
            }
            await(sleep(ofSeconds(1)));
            assertEquals(12, getRunningLoop().metrics().tasks());
            customer.cancel();
            assertThrows(CancellationException.class, () -> await(customer));
            assertEquals(1, getRunningLoop().metrics().tasks());
            return null;
        });
        assertTrue(LeakSamples.payments.isEmpty());
    }

    /** One order a second; each third customer leaves without a word, the others pay after ten seconds. */
    private static void customers(Queue<Integer> orders, int last) {
        for (int i = 1; i <= last; i++) {
            int order = i;
            await(orders.put(order));
            if (order % 3 != 0) {
                getRunningLoop().callLater(ofSeconds(10), () -> LeakSamples.pay(order));
            }
            await(sleep(ofSeconds(1)));
        }
    }

    private static String printed(Runnable sample) {
        var bytes = new ByteArrayOutputStream();
        var out = System.out;
        System.setOut(new PrintStream(bytes, true));
        try {
            VirtualClock.runTest(() -> {
                sample.run();
                return null;
            });
        } finally {
            System.setOut(out);
        }
        return bytes.toString();
    }
}
