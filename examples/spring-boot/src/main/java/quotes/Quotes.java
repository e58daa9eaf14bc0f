// SPDX-License-Identifier: Apache-2.0
package quotes;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeoutException;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.stereotype.Component;

import static dev.simul.facade.Asyncio.await;
import static dev.simul.facade.Asyncio.taskGroup;
import static dev.simul.facade.Asyncio.timeout;

/** Asks all suppliers at once what they want for an item, and waits for none of them longer than its patience. */
@Component
class Quotes {
    private final HttpClient client = HttpClient.newHttpClient();
    private final Map<String, URI> suppliers;
    private final Duration patience;

    /** @param suppliers their addresses by their names; each answers to {@code GET <address>/<item>} with a number. */
    Quotes(@Value("#{${quotes.suppliers}}") Map<String, URI> suppliers, @Value("${quotes.patience}") Duration patience) {
        this.suppliers = suppliers;
        this.patience = patience;
    }

    /** The prices by the names of the suppliers that gave one; called in a body. */
    Map<String, Integer> of(String item) {
        var prices = new LinkedHashMap<String, Integer>();
        await(taskGroup(group -> {
            suppliers.forEach((name, address) -> group.createTask(name, () -> {
                try {
                    // All bodies take turns on one thread, so they may share the map.
                    prices.put(name, price(address, item));
                } catch (IOException | TimeoutException | NumberFormatException e) {
                    // Then the others will do.
                }
            }));
            return null;
        }));
        return prices;
    }

    private int price(URI address, String item) throws IOException, TimeoutException {
        var request = HttpRequest.newBuilder(URI.create(address + "/" + item)).build();
        var response = await(timeout(patience, () -> await(client.sendAsync(request, BodyHandlers.ofString()))));
        return Integer.parseInt(response.body().trim());
    }
}
