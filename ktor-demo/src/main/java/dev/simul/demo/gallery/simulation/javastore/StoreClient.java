// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.gallery.simulation.javastore;

import dev.simul.facade.Backoff;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeoutException;

import static dev.simul.facade.Asyncio.retry;

/** A client of the store. It asks one server after the other until one has the result; the group applies the command once all the same. */
public final class StoreClient {
    private static final Duration PATIENCE = Duration.ofMillis(300);
    private static final Backoff BACKOFF = Backoff.constant(Duration.ofMillis(40)).jittered();

    private static final class NoLeaderException extends IOException {
        private static final long serialVersionUID = 1L;

        NoLeaderException(String server) {
            super(server + " does not lead");
        }
    }

    private final String name;
    private final List<String> servers;
    private final Messenger messenger;
    private final Story story;
    private String server;
    private int number;

    /** A client of that name, which no other one has. */
    public StoreClient(String name, List<String> servers, Messenger messenger, Story story) {
        this.name = name;
        this.servers = servers;
        this.messenger = messenger;
        this.story = story;
        server = servers.get(0);
    }

    /** Has the store do an operation, however long that takes, and returns its result. */
    public String execute(Operation operation) {
        var command = new Command(name, ++number, operation);
        return retry(Integer.MAX_VALUE, BACKOFF, e -> mayTryAgain(e, command), () -> attempt(command)).await();
    }

    private boolean mayTryAgain(Exception failure, Command command) {
        if (!(failure instanceof IOException || failure instanceof TimeoutException)) {
            return false;
        }
        if (!(failure instanceof NoLeaderException)) {
            story.tell(name, "has no answer, and asks again: " + command.operation());
        }
        return true;
    }

    private String attempt(Command command) throws IOException, TimeoutException {
        String asked = server;
        server = servers.get((servers.indexOf(asked) + 1) % servers.size());
        HttpResponse<String> answer = messenger.post(asked, "/command", command.text(), PATIENCE);
        if (answer.statusCode() != StoreServer.OK) {
            if (servers.contains(answer.body())) {
                server = answer.body();
            }
            throw new NoLeaderException(asked);
        }
        server = asked;
        return answer.body();
    }
}
