// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade.docs;

import dev.simul.facade.Event;
import dev.simul.facade.Queue;
import dev.simul.facade.TaskOptions;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeoutException;

import static dev.simul.facade.Asyncio.await;
import static dev.simul.facade.Asyncio.createTask;
import static dev.simul.facade.Asyncio.getRunningLoop;
import static dev.simul.facade.Asyncio.sleep;
import static dev.simul.facade.Asyncio.taskGroup;
import static dev.simul.facade.Asyncio.timeout;
import static java.time.Duration.ofMinutes;

/** The blocks of the guide to diagnosis about tasks that pile up; {@code LeakSamplesTest} runs them, {@code DocsTest} compares. */
final class LeakSamples {
    private LeakSamples() {}

    static final Map<Integer, Event> payments = new HashMap<>();

    static void pay(int order) {
        if (payments.containsKey(order)) {
            payments.get(order).set();
        }
    }

    static void serve(int order) {
        var paid = new Event("payment");
        payments.put(order, paid);
        await(paid.waitUntilSet());
        payments.remove(order);
    }

    static void takeOrders(Queue<Integer> orders) {
        while (true) {
            int order = await(orders.get());
            createTask(new TaskOptions().name("order " + order), () -> serve(order));
        }
    }

    static void watchTasks() {
        while (true) {
            await(sleep(ofMinutes(1)));
            System.out.println(getRunningLoop().metrics().tasks() + " tasks");
        }
    }

    static void serveInTime(int order) {
        var paid = new Event("payment");
        payments.put(order, paid);
        try {
            await(timeout(ofMinutes(15), () -> await(paid.waitUntilSet())), TimeoutException.class);
        } catch (TimeoutException e) {
            System.out.println("order " + order + " is dropped");
        } finally {
            payments.remove(order);
        }
    }

    static void serveCustomer(Queue<Integer> orders) {
        await(taskGroup(group -> {
            while (true) {
                int order = await(orders.get());
                group.createTask(new TaskOptions().name("order " + order), () -> serveInTime(order));
            }
        }));
    }
}
