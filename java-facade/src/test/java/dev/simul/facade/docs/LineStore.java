// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade.docs;

import dev.simul.facade.Event;
import dev.simul.facade.Queue;
import dev.simul.facade.StreamReader;
import dev.simul.facade.StreamWriter;
import dev.simul.facade.Task;
import dev.simul.queues.QueueShutDown;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

import static dev.simul.facade.Asyncio.await;
import static dev.simul.facade.Asyncio.currentTask;
import static dev.simul.facade.Asyncio.gatherResults;
import static dev.simul.facade.Asyncio.getRunningLoop;
import static dev.simul.facade.Asyncio.runLoop;
import static dev.simul.facade.Asyncio.sleep;
import static dev.simul.facade.Asyncio.startServer;
import static dev.simul.facade.Asyncio.taskGroup;

/** Stores the lines that its clients send. */
public class LineStore {
    private final Queue<String> lines = new Queue<>(1000);
    private final Set<Task<?>> clients = new LinkedHashSet<>();
    private int stored;

    void serve() {
        var told = new Event();
        for (var signal : List.of("INT", "TERM")) {
            getRunningLoop().addSignalHandler(signal, told::set);
        }
        await(taskGroup(group -> {
            group.createTask("store", () -> store());
            var server = await(startServer("127.0.0.1", 0, (reader, writer) -> receive(reader, writer)));
            System.out.println("listening at " + server.addresses().get(0));
            await(told.waitUntilSet());
            System.out.println("stopping");
            await(server.shutdown(Duration.ofSeconds(1)));  // No new clients; those that are there may finish for a second.
            await(gatherResults(List.copyOf(clients)));     // Their tasks have put all that was received.
            lines.shutdown();                               // The task that stores ends when the queue is empty.
            return null;
        }));
        System.out.println("stored " + stored + " lines");
    }

    private void receive(StreamReader reader, StreamWriter writer) {
        var client = currentTask();
        clients.add(client);
        try (writer) {
            for (String line : reader.lines()) {
                await(lines.put(line));
                writer.write("ok\n");
                await(writer.drain());
            }
        } finally {
            clients.remove(client);
        }
    }

    private void store() {
        try {
            while (true) {
                await(lines.get());
                await(sleep(Duration.ofMillis(10)));    // Stands for a slow disk.
                stored++;
            }
        } catch (QueueShutDown e) {
            // All lines are stored.
        }
    }

    public static void main(String[] args) {
        runLoop(() -> new LineStore().serve());
    }
}
