// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.gallery.scale;

import dev.simul.facade.Event;
import dev.simul.facade.Supervisor;
import dev.simul.facade.Task;
import dev.simul.facade.Worker;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;

import static dev.simul.facade.Asyncio.await;
import static dev.simul.facade.Asyncio.createTask;
import static dev.simul.facade.Asyncio.currentWorker;
import static dev.simul.facade.Asyncio.gatherResults;
import static dev.simul.facade.Asyncio.getRunningLoop;
import static dev.simul.facade.Asyncio.openConnection;
import static dev.simul.facade.Asyncio.runLoop;
import static dev.simul.facade.Asyncio.sleep;
import static dev.simul.facade.Asyncio.startServer;

final class Workers {
    /** The main of each worker: tells clients who serves them, until one is rude. */
    static void greet(CompletableFuture<Integer> port) {
        Worker worker = currentWorker();
        var insulted = new Event();
        var server = await(startServer("127.0.0.1", 0, (reader, writer) -> {
            String name = new String(await(reader.readline())).strip();
            writer.write(worker.name() + ", generation " + worker.generation());
            await(writer.aclose());
            if (name.equals("Mallory")) {
                insulted.set();
            }
        }));
        port.complete(((InetSocketAddress) server.addresses().get(0)).getPort());
        try {
            await(insulted.waitUntilSet());
            throw new IllegalStateException("Mallory was rude");
        } finally {
            await(server.aclose());
        }
    }

    static String ask(String name, int port) {
        try (var connection = await(openConnection("127.0.0.1", port))) {
            connection.writer().write(name + "\n");
            return new String(await(connection.reader().read()));
        }
    }

    /** Has many clients at once, and tells which workers have served them. */
    static void visit(int port) {
        List<Task<String>> clients = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            clients.add(createTask(() -> ask("Ada", port)));
        }
        await(gatherResults(clients));
        var workers = new TreeSet<String>();
        clients.forEach(client -> workers.add(client.result()));
        workers.forEach(worker -> System.out.println("Served by " + worker));
    }

    static void main(String[] args) {
        runLoop(() -> {
            var port = new CompletableFuture<Integer>();
            getRunningLoop().setExceptionHandler(
                    (loop, report) -> System.out.println("A worker has failed: " + report.exception().getMessage()));
            try (var supervisor = new Supervisor(2, () -> greet(port))) {
                supervisor.start();
                await(supervisor.waitServing());
                visit(port.get());
                String rude = ask("Mallory", port.get());
                while (supervisor.workers().stream().noneMatch(worker -> worker.generation() == 2)) {
                    await(sleep(Duration.ofMillis(1)));
                }
                await(supervisor.waitServing());
                boolean isReplaced = supervisor.workers().stream()
                        .anyMatch(worker -> worker.generation() == 2 && rude.startsWith(worker.name()));
                System.out.println("It has been replaced: " + isReplaced);
                var replacing = createTask(() -> await(supervisor.replaceAll()));
                List<String> answers = new ArrayList<>();
                while (!replacing.done()) {
                    answers.add(ask("Ada", port.get()));
                }
                System.out.println("Clients that were turned away while all workers were replaced: "
                        + answers.stream().filter(String::isEmpty).count());
            }
        });
    }
}
