// SPDX-License-Identifier: Apache-2.0
package portcheck;

import dev.simul.facade.Future;
import dev.simul.facade.Semaphore;
import dev.simul.facade.Streams;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeoutException;

import static dev.simul.facade.Asyncio.await;
import static dev.simul.facade.Asyncio.createTask;
import static dev.simul.facade.Asyncio.gather;
import static dev.simul.facade.Asyncio.openConnection;
import static dev.simul.facade.Asyncio.runLoop;
import static dev.simul.facade.Asyncio.timeout;

/** Says which TCP ports of a host accept connections; it asks up to a hundred at once. */
public class PortCheck {
    public enum State {
        OPEN,
        CLOSED,
        SILENT
    }

    public record Answer(int port, State state) {}

    private final Semaphore free = new Semaphore(100);
    private final String host;
    private final Duration patience;

    public PortCheck(String host, Duration patience) {
        this.host = host;
        this.patience = patience;
    }

    /** The answers of these ports, in the order of asking; called in a body. */
    public List<Answer> check(List<Integer> ports) {
        List<Future<Answer>> answers = new ArrayList<>();
        for (int port : ports) {
            answers.add(createTask("port " + port, () -> ask(port)));
        }
        return await(gather(answers));
    }

    private Answer ask(int port) {
        try (var held = free.hold(); var streams = connect(port)) {
            return new Answer(port, State.OPEN);
        } catch (TimeoutException e) {
            return new Answer(port, State.SILENT);
        } catch (IOException e) {
            return new Answer(port, State.CLOSED);
        }
    }

    private Streams connect(int port) throws IOException, TimeoutException {
        return await(timeout(patience, () -> await(openConnection(host, port))));
    }

    public static void main(String[] args) {
        if (args.length < 2) {
            System.err.println("Usage: portcheck <host> <port>...");
            System.exit(2);
        }
        var ports = Arrays.stream(args).skip(1).map(Integer::valueOf).toList();
        runLoop(() -> {
            for (var answer : new PortCheck(args[0], Duration.ofSeconds(3)).check(ports)) {
                System.out.println(answer.port() + " " + answer.state());
            }
        });
    }
}
