// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.gallery.fluent;

import dev.simul.facade.AsyncIterable;
import java.net.UnknownHostException;
import java.util.List;

import static dev.simul.demo.gallery.Stage.run;
import static dev.simul.demo.gallery.fluent.Names.getaddrinfo;
import static dev.simul.facade.Asyncio.asCompleted;
import static dev.simul.facade.Asyncio.asyncGenerator;
import static dev.simul.facade.Asyncio.await;
import static dev.simul.facade.Asyncio.createTask;

final class MultiProbe {
    record Result(String domain, boolean found) {}

    static Result probe(String domain) {
        try {
            await(getaddrinfo(domain, 0), UnknownHostException.class);
        } catch (UnknownHostException e) {
            return new Result(domain, false);
        }
        return new Result(domain, true);
    }

    static AsyncIterable<Result> multiProbe(List<String> domains) {
        return asyncGenerator(gen -> {
            var coros = domains.stream().map(domain -> createTask(() -> probe(domain))).toList();
            for (var coro : asCompleted(coros)) {
                gen.yield(await(coro));
            }
        });
    }

    static void main(String[] args) {
        run(() -> {
            var domains = List.of("and.dev", "as.dev", "if.dev", "in.dev", "is.dev", "or.dev", "with.dev");
            for (var result : multiProbe(domains)) {
                String indent = result.found() ? "" : "\t\t";
                System.out.println(indent + result.domain());
            }
        });
    }
}
