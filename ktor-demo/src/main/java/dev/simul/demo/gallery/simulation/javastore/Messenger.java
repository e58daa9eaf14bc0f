// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.gallery.simulation.javastore;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

import static dev.simul.facade.Asyncio.timeout;

/** Sends texts to servers, over connections that its client keeps. */
public final class Messenger {
    private final HttpClient client;
    private final Map<String, URI> servers;

    /** Sends by that client to those servers. */
    public Messenger(HttpClient client, Map<String, URI> servers) {
        this.client = client;
        this.servers = servers;
    }

    /**
     * Posts a text to a path of a server, and returns what it answers.
     *
     * @throws TimeoutException if there is no answer in time
     * @throws IOException if the server cannot be reached
     */
    HttpResponse<String> post(String server, String path, String text, Duration limit) throws TimeoutException, IOException {
        HttpRequest request = HttpRequest.newBuilder(servers.get(server).resolve(path)).POST(BodyPublishers.ofString(text)).build();
        return timeout(limit, () -> client.send(request, BodyHandlers.ofString())).await();
    }

    /** As {@link #post}, for a message that may be lost: then it returns null. */
    @Nullable String tryPost(String server, String path, String text, Duration limit) {
        try {
            return post(server, path, text, limit).body();
        } catch (TimeoutException | IOException e) {
            return null;
        }
    }
}
