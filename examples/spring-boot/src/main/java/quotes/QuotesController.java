// SPDX-License-Identifier: Apache-2.0
package quotes;

import dev.simul.facade.BackgroundLoop;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RestController;

@RestController
class QuotesController {
    private final BackgroundLoop loop;
    private final Quotes quotes;

    QuotesController(BackgroundLoop loop, Quotes quotes) {
        this.loop = loop;
        this.quotes = quotes;
    }

    /** A future of Simul is a {@link CompletableFuture}: no thread of the web server waits for it. */
    @GetMapping("/quotes/{item}")
    CompletableFuture<Map<String, Integer>> quotes(@PathVariable String item) {
        return loop.submit(() -> quotes.of(item));
    }
}
