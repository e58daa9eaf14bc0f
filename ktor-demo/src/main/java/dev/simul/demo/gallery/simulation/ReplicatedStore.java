// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.gallery.simulation;

import dev.simul.demo.gallery.simulation.javastore.Disk;
import dev.simul.demo.gallery.simulation.javastore.Faults;
import dev.simul.demo.gallery.simulation.javastore.KeyValueModel;
import dev.simul.demo.gallery.simulation.javastore.Messenger;
import dev.simul.demo.gallery.simulation.javastore.Operation;
import dev.simul.demo.gallery.simulation.javastore.Operation.Verb;
import dev.simul.demo.gallery.simulation.javastore.StoreClient;
import dev.simul.demo.gallery.simulation.javastore.StoreFailure;
import dev.simul.demo.gallery.simulation.javastore.StoreServer;
import dev.simul.demo.gallery.simulation.javastore.Story;
import dev.simul.demo.gallery.simulation.store.Bug;
import dev.simul.facade.simulation.History;
import dev.simul.facade.simulation.Host;
import dev.simul.facade.simulation.Latency;
import dev.simul.facade.simulation.Simulation;
import dev.simul.simulation.histories.Verdict;
import java.net.URI;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

import static dev.simul.facade.Asyncio.await;
import static dev.simul.facade.Asyncio.getRunningLoop;
import static dev.simul.facade.Asyncio.newHttpClient;
import static dev.simul.facade.Asyncio.sleep;
import static dev.simul.facade.Asyncio.timeout;
import static dev.simul.facade.simulation.Simulations.simulate;
import static java.time.Duration.ofMillis;
import static java.time.Duration.ofMinutes;

final class ReplicatedStore {
    private static final List<String> NAMES = List.of("n1", "n2", "n3");

    private static Map<String, URI> uris() {
        var uris = new LinkedHashMap<String, URI>();
        NAMES.forEach(name -> uris.put(name, URI.create("http://" + name + ":8000/")));
        return uris;
    }

    /** Three servers and three clients, while servers crash and cables are pulled. */
    static Story replicatedStore(Simulation sim, @Nullable Bug bug) {
        var story = new Story(sim::now, sim::log);
        var history = new History<Operation, String>(sim::now);
        sim.network().conditions().latency(new Latency(ofMillis(1), ofMillis(30)));
        List<Host> servers = new ArrayList<>();
        for (String name : NAMES) {
            var disk = new Disk(); // What is outside of its main outlives a crash.
            servers.add(sim.host(name, () -> new StoreServer(name, uris(), disk, story, bug).serve("0.0.0.0")));
        }
        List<Host> clients = new ArrayList<>();
        for (String name : List.of("ada", "bob", "cy")) {
            clients.add(sim.host(name, () -> useStore(name, history, story)));
        }
        sim.always("each term has one leader", () -> {
            if (story.rivals() != null) {
                throw new StoreFailure(story.rivals(), story);
            }
            return true;
        });
        new Faults(sim.network(), servers, clients, story).happen();
        awaitEnd(clients, story);
        judge(history, story);
        return story;
    }

    /** What a client does: this and that with two keys, and a note of each result. */
    private static void useStore(String name, History<Operation, String> history, Story story) throws Exception {
        var client = new StoreClient(name, NAMES, new Messenger(newHttpClient(), uris()), story);
        var random = getRunningLoop().random();
        int count = random.nextInt(9);
        for (int number = 1; number <= count; number++) {
            sleep(ofMillis(random.nextInt(150))).await();
            Verb verb = Verb.values()[random.nextInt(3)];
            String key = List.of("x", "y").get(random.nextInt(2));
            var operation = new Operation(verb, key, verb == Verb.GET ? "" : name.substring(0, 1) + number);
            String result = history.record(name, operation, () -> client.execute(operation));
            story.tell(name, operation + ": " + (result.isEmpty() ? "nothing" : result));
        }
    }

    /** When all faults are over, it must not take long. */
    private static void awaitEnd(List<Host> clients, Story story) {
        try {
            await(timeout(ofMinutes(1), () -> clients.forEach(it -> it.join().await())), TimeoutException.class);
        } catch (TimeoutException e) {
            throw new StoreFailure("A minute after the last fault, clients still wait for the store", story);
        }
    }

    /** Whether the store was as good as a single server that never fails. */
    private static void judge(History<Operation, String> history, Story story) {
        Verdict verdict = history.check(new KeyValueModel());
        if (verdict != Verdict.Linearizable.INSTANCE) {
            throw new StoreFailure(verdict.toString(), story);
        }
        story.tell("main", "operations: " + history.calls().size() + ", terms with a leader: " + story.terms() + ". " + verdict);
    }

    static void main(String[] args) {
        boolean isGiven = System.getenv("SIMUL_SEED") != null || System.getProperty("simul.seed") != null;
        if (isGiven) {
            simulate(sim -> System.out.println(replicatedStore(sim, null)));
        } else {
            simulate(7, sim -> System.out.println(replicatedStore(sim, null)));
        }
    }
}
