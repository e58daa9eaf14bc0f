// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.gallery.simulation.javastore;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.simul.demo.gallery.simulation.javastore.Messages.AppendRequest;
import dev.simul.demo.gallery.simulation.javastore.Messages.VoteRequest;
import dev.simul.demo.gallery.simulation.store.Bug;
import dev.simul.facade.TaskGroup;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

import static dev.simul.facade.Asyncio.newHttpClient;
import static dev.simul.facade.Asyncio.newHttpServer;
import static dev.simul.facade.Asyncio.taskGroup;
import static java.nio.charset.StandardCharsets.UTF_8;

/** A server of the store: it talks to its peers and to clients by HTTP, until it is cancelled. */
public final class StoreServer {
    static final int OK = 200;
    private static final int NOT_FOUND = 404;
    private static final int UNAVAILABLE = 503;

    private final String name;
    private final Map<String, URI> servers;
    private final Disk disk;
    private final Story story;
    private final @Nullable Bug bug;

    private record Answer(int status, String text) {}

    /**
     * A server with that name.
     *
     * @param servers how to reach each server of the group, itself included
     */
    public StoreServer(String name, Map<String, URI> servers, Disk disk, Story story, @Nullable Bug bug) {
        this.name = name;
        this.servers = servers;
        this.disk = disk;
        this.story = story;
        this.bug = bug;
    }

    /** Serves at that address. */
    public void serve(String address) {
        taskGroup(tasks -> {
            serve(address, tasks);
            return null;
        }).await();
    }

    private void serve(String address, TaskGroup tasks) throws IOException {
        List<String> peers = servers.keySet().stream().filter(it -> !it.equals(name)).toList();
        var node = new RaftNode(name, peers, disk, new Messenger(newHttpClient(), servers), story, tasks, bug);
        HttpServer server = newHttpServer(new InetSocketAddress(address, servers.get(name).getPort()), 0);
        server.createContext("/", exchange -> answer(node, exchange));
        server.start();
        try {
            node.election.watch();
        } finally {
            server.stop(0);
        }
    }

    private static void answer(RaftNode node, HttpExchange exchange) throws IOException {
        try (exchange) {
            String text = new String(exchange.getRequestBody().readAllBytes(), UTF_8);
            Answer answer = switch (exchange.getRequestURI().getPath()) {
                case "/vote" -> new Answer(OK, node.election.answer(VoteRequest.parse(text)).text());
                case "/append" -> new Answer(OK, node.replication.answer(AppendRequest.parse(text)).text());
                case "/command" -> execute(node, Command.parse(text));
                default -> new Answer(NOT_FOUND, "");
            };
            byte[] body = answer.text().getBytes(UTF_8);
            exchange.sendResponseHeaders(answer.status(), body.length == 0 ? -1 : body.length);
            exchange.getResponseBody().write(body);
        }
    }

    /** The result, or who might know it. */
    private static Answer execute(RaftNode node, Command command) {
        String result = node.execute(command);
        if (result != null) {
            return new Answer(OK, result);
        }
        return new Answer(UNAVAILABLE, node.leader() == null ? "" : node.leader());
    }
}
