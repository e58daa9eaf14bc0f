// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.gallery.simulation.javastore;

import dev.simul.facade.simulation.Host;
import dev.simul.facade.simulation.Network;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;

import static dev.simul.facade.Asyncio.getRunningLoop;
import static dev.simul.facade.Asyncio.sleep;
import static dev.simul.facade.Asyncio.taskGroup;

/** What goes wrong with servers: which of them, when and for how long, all by the running loop's random numbers. */
public final class Faults {
    private static final int MOST = 7;
    private static final int KINDS = 4;

    // In milliseconds.
    private static final int LONGEST_PAUSE = 250;
    private static final int SHORTEST = 5;
    private static final int SHORT_SPREAD = 30;
    private static final int SPREAD = 500;

    private final RandomGenerator random = getRunningLoop().random();
    private final Network network;
    private final List<Host> servers;
    private final List<Host> others;
    private final Story story;

    /** Faults of those servers, which may be cut off from the others, too. */
    public Faults(Network network, List<Host> servers, List<Host> others, Story story) {
        this.network = network;
        this.servers = servers;
        this.others = others;
        this.story = story;
    }

    /** Some faults, which may overlap. When this returns, all are over. */
    public void happen() {
        taskGroup(tasks -> {
            int count = random.nextInt(MOST + 1);
            for (int i = 0; i < count; i++) {
                sleep(Duration.ofMillis(random.nextInt(LONGEST_PAUSE))).await();
                Host server = choose();
                int fault = random.nextInt(KINDS);
                Duration duration = Duration.ofMillis(SHORTEST + random.nextInt(random.nextBoolean() ? SPREAD : SHORT_SPREAD));
                tasks.createTask(() -> happen(fault, server, duration));
            }
            return null;
        }).await();
    }

    /** Any server, and more often than others the leader, and the one that has voted last. */
    private Host choose() {
        int number = random.nextInt(servers.size() + 2);
        if (number < servers.size()) {
            return servers.get(number);
        }
        String name = number == servers.size() ? story.leader() : story.voter();
        return servers.stream().filter(it -> it.name().equals(name)).findFirst().orElse(servers.get(servers.size() - 1));
    }

    private void happen(int fault, Host server, Duration duration) {
        switch (fault) {
            case 0, 1 -> crash(server, duration);
            case 2 -> cutOff(server, allBut(server), "all others", duration);
            default -> {
                String other = servers.get((servers.indexOf(server) + 1) % servers.size()).name();
                cutOff(server, List.of(other), other, duration);
            }
        }
    }

    private List<String> allBut(Host server) {
        var names = new ArrayList<String>();
        servers.forEach(it -> names.add(it.name()));
        others.forEach(it -> names.add(it.name()));
        names.remove(server.name());
        return names;
    }

    private void crash(Host server, Duration duration) {
        if (!server.isRunning()) {
            return;
        }
        story.tell(server.name(), "crashes");
        server.crash();
        sleep(duration).await();
        story.tell(server.name(), "restarts");
        server.restart();
    }

    private void cutOff(Host server, List<String> from, String whom, Duration duration) {
        story.tell(server.name(), "is cut off from " + whom);
        network.partition(List.of(server.name()), from);
        sleep(duration).await();
        story.tell(server.name(), "reaches " + whom + " again");
        from.forEach(name -> network.heal(server.name(), name));
    }
}
