// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade;

import dev.simul.http.jdk.StreamSubscriber;
import java.net.http.HttpResponse.BodyHandler;

/** Handlers of response bodies for loops, next to those of {@link java.net.http.HttpResponse.BodyHandlers}. */
public final class HttpBodyHandlers {
    private HttpBodyHandlers() {}

    /**
     * Gives the body as a stream, which a body of the running loop reads while it arrives.
     *
     * <p>It does what {@code ofInputStream} and {@code ofLines} are for, which block the thread that reads.
     *
     * <pre>{@code
     * try (var body = client.send(request, HttpBodyHandlers.ofStream()).body()) {
     *     for (String line : body.lines()) {
     *         System.out.println(line);
     *     }
     * }
     * }</pre>
     *
     * @throws IllegalStateException outside a running loop
     */
    public static BodyHandler<BodyStream> ofStream() {
        var loop = EventLoop.running();
        return info -> new StreamSubscriber<>(loop, (reader, close) -> new BodyStream(new StreamReader(reader), close));
    }
}
