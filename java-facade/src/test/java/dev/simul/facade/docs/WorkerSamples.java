// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade.docs;

import dev.simul.facade.Supervisor;
import dev.simul.facade.WorkerOptions;
import java.util.List;

import static dev.simul.facade.Asyncio.await;
import static dev.simul.facade.Asyncio.createTask;
import static dev.simul.facade.Asyncio.currentWorker;
import static dev.simul.facade.Asyncio.getRunningLoop;
import static dev.simul.facade.Asyncio.serve;
import static dev.simul.facade.Asyncio.startServer;
import static java.time.Duration.ofSeconds;

/** The blocks of Java in the guide to more than one core about workers; {@link WorkerSamplesTest} runs them, {@link DocsTest} compares. */
final class WorkerSamples {
    private WorkerSamples() {}

    static void greetOnAllCores(int port) {
        serve(4, () -> greetClients(port));
    }

    static void greetClients(int port) {
        var server = await(startServer("127.0.0.1", port, (reader, writer) -> {
            String name = new String(await(reader.readline())).strip();
            writer.write("Hello " + name + ", from " + currentWorker().name() + "\n");
            await(writer.aclose());
        }));
        await(server.serveForever());
    }

    static void greetAndReload(int port) {
        var options = new WorkerOptions().grace(ofSeconds(10));
        try (var supervisor = new Supervisor(2, options, () -> greetClients(port))) {
            supervisor.start();
            getRunningLoop().addSignalHandler("HUP", () -> createTask(() -> await(supervisor.replaceAll())));
            await(supervisor.serveForever());
        }
    }

    static List<String> describeWorkers(Supervisor supervisor) {
        return supervisor.workers().stream()
                .map(worker -> worker.name() + " " + worker.generation() + " " + worker.state() + ": "
                        + worker.connections() + " connections, " + worker.metrics().tasks() + " tasks")
                .toList();
    }
}
