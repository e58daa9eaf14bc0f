// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.docs;

import dev.simul.facade.Queue;
import dev.simul.facade.Semaphore;
import dev.simul.queues.QueueShutDown;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.WebSocket;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.regex.Pattern;

import static dev.simul.facade.Asyncio.await;
import static dev.simul.facade.Asyncio.taskGroup;
import static dev.simul.facade.Asyncio.timeout;
import static java.time.Duration.ofSeconds;

/** The cookbook's blocks about WebSockets and a crawl; CookbookWebTest runs them, the facade's DocsTest compares. */
final class CookbookSamplesWebInJava {
    private CookbookSamplesWebInJava() {}

    static void chat(HttpClient client, URI uri, Queue<String> outgoing, Consumer<String> receive) throws IOException {
        var inbox = new Inbox();
        var socket = await(client.newWebSocketBuilder().buildAsync(uri, inbox));
        try {
            await(taskGroup(group -> {
                var sending = group.createTask(() -> sendAll(socket, outgoing));
                for (String text = inbox.next(socket); text != null; text = inbox.next(socket)) {
                    receive.accept(text);
                }
                return sending.cancel();
            }));
        } finally {
            socket.abort();
        }
    }

    static void sendAll(WebSocket socket, Queue<String> outgoing) {
        while (true) {
            await(socket.sendText(await(outgoing.get()), true));
        }
    }

    /** The texts that come, for a body: the loop calls the listener, and the body takes them out of a queue. */
    static final class Inbox implements WebSocket.Listener {
        private final Queue<String> texts = new Queue<>();
        private final StringBuilder text = new StringBuilder();
        private Throwable failure;

        /** Null when the server has closed the connection. */
        String next(WebSocket socket) throws IOException {
            try {
                String next = await(texts.get());
                socket.request(1);
                return next;
            } catch (QueueShutDown e) {
                if (failure != null) {
                    throw new IOException("the connection is lost", failure);
                }
                return null;
            }
        }

        @Override
        public CompletionStage<?> onText(WebSocket socket, CharSequence part, boolean last) {
            text.append(part);
            if (last) {
                texts.putNowait(text.toString());
                text.setLength(0);
            } else {
                socket.request(1);
            }
            return null;
        }

        @Override
        public CompletionStage<?> onClose(WebSocket socket, int status, String reason) {
            texts.shutdown();
            return null;
        }

        @Override
        public void onError(WebSocket socket, Throwable failure) {
            this.failure = failure;
            texts.shutdown();
        }
    }

    static Map<URI, String> crawl(HttpClient client, URI start, int depth, int maxPages) {
        var hosts = new HashMap<String, Semaphore>();
        var pages = new LinkedHashMap<URI, String>();
        var seen = new HashSet<>(Set.of(start));
        var level = List.of(start);
        for (int distance = 0; distance <= depth; distance++) {
            var uris = level;
            await(taskGroup(group -> {
                for (URI uri : uris) {
                    var host = hosts.computeIfAbsent(uri.getAuthority(), name -> new Semaphore(2));
                    group.createTask(() -> {
                        try (var held = host.hold()) {
                            pages.put(uri, fetchOrEmpty(client, uri));
                        }
                    });
                }
                return null;
            }));
            level = uris.stream()
                    .flatMap(uri -> links(uri, pages.get(uri)).stream())
                    .filter(uri -> seen.size() < maxPages && seen.add(uri))
                    .toList();
        }
        return pages;
    }

    static String fetchOrEmpty(HttpClient client, URI uri) {
        var request = HttpRequest.newBuilder(uri).build();
        try {
            return await(timeout(ofSeconds(10), () -> fetch(client, request)), TimeoutException.class);
        } catch (TimeoutException e) {
            return "";
        }
    }

    static String fetch(HttpClient client, HttpRequest request) throws InterruptedException {
        try {
            return client.send(request, BodyHandlers.ofString()).body();
        } catch (IOException e) {
            return "";
        }
    }

    static List<URI> links(URI page, String text) {
        var links = new ArrayList<URI>();
        var matcher = Pattern.compile("href=\"([^\"# ]+)").matcher(text);
        while (matcher.find()) {
            try {
                var link = page.resolve(matcher.group(1));
                if (link.getHost() != null && List.of("http", "https").contains(link.getScheme())) {
                    links.add(link);
                }
            } catch (IllegalArgumentException e) {
                // It is not a URI.
            }
        }
        return links;
    }
}
