// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.flags;

import dev.simul.facade.Semaphore;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeoutException;

import static dev.simul.demo.ReasonsKt.whyUnanswered;
import static dev.simul.demo.flags.MetadataKt.countryIn;
import static dev.simul.demo.flags.OutcomeKt.raiseForStatus;
import static dev.simul.facade.Asyncio.asCompleted;
import static dev.simul.facade.Asyncio.await;
import static dev.simul.facade.Asyncio.newHttpClientBuilder;
import static dev.simul.facade.Asyncio.run;
import static dev.simul.facade.Asyncio.taskGroup;
import static dev.simul.facade.Asyncio.timeout;
import static dev.simul.facade.Asyncio.toThread;
import static java.nio.charset.StandardCharsets.UTF_8;

/** The download in plain Java: bodies on a loop, and the JDK's HTTP client on that loop, whose futures they await. */
final class FlagsInJava {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final HttpClient client =
            newHttpClientBuilder().followRedirects(HttpClient.Redirect.NORMAL).build();
    private final String base;
    private final FlagFolder folder;
    private final Semaphore permits;
    private final Tally tally;

    private FlagsInJava(String base, FlagFolder folder, int maxRequests, Tally tally) {
        this.base = base;
        this.folder = folder;
        this.permits = new Semaphore(maxRequests);
        this.tally = tally;
    }

    /** Downloads the flags of {@code codes}, a task for each, as {@link FlagDownload} does. */
    static void download(
            List<String> codes, String base, FlagFolder folder, int maxRequests, Tally tally, Progress progress) {
        run(() -> inLoop(codes, base, folder, maxRequests, tally, progress));
    }

    /** As {@link #download}, in a body of a loop that runs already. */
    static Tally inLoop(
            List<String> codes, String base, FlagFolder folder, int maxRequests, Tally tally, Progress progress) {
        return new FlagsInJava(base, folder, maxRequests, tally).all(codes, progress);
    }

    private Tally all(List<String> codes, Progress progress) {
        return await(taskGroup(group -> {
            progress.begin();
            tally.begin();
            var tasks = codes.stream().map(code -> group.createTask("flag " + code, () -> one(code))).toList();
            for (var done : asCompleted(tasks)) {
                progress.report(done.result(), tally.get(done.result()));
            }
            return tally;
        }));
    }

    private String one(String code) {
        var name = code.toLowerCase(Locale.ROOT);
        try {
            var image = get(base + "/" + name + "/" + name + ".png");
            var country = countryIn(new String(get(base + "/" + name + "/metadata.json"), UTF_8));
            await(toThread(() -> save(code, country, image)));
        } catch (NoFlag e) {
            tally.add(code, e.getOutcome());
        }
        return code;
    }

    private String save(String code, String country, byte[] image) {
        tally.add(code, new Outcome.Saved(folder.save(image, country, code)));
        return code;
    }

    private byte[] get(String url) throws NoFlag {
        var request = HttpRequest.newBuilder(URI.create(url)).build();
        try (var held = permits.hold()) {
            long begin = System.nanoTime();
            try {
                var response = await(timeout(PATIENCE, () -> send(request)), TimeoutException.class);
                raiseForStatus(response.statusCode(), url);
                return response.body();
            } catch (TimeoutException e) {
                throw new NoFlag(new Outcome.Failed("no answer within " + PATIENCE.toSeconds() + "s"));
            } finally {
                tally.addRequest(System.nanoTime() - begin);
            }
        }
    }

    private HttpResponse<byte[]> send(HttpRequest request) throws NoFlag {
        try {
            return await(client.sendAsync(request, head -> new WholeBody()), IOException.class);
        } catch (IOException | UncheckedIOException | IllegalArgumentException e) {
            // The last two are what the client throws at redirects that lead nowhere, and lengths that are no numbers.
            throw new NoFlag(new Outcome.Failed(whyUnanswered(e)));
        }
    }
}
