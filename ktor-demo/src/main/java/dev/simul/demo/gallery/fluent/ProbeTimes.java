// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.gallery.fluent;

import java.util.List;

import static dev.simul.demo.gallery.Stage.run;
import static dev.simul.demo.gallery.Time.perfCounter;
import static dev.simul.facade.Asyncio.await;
import static dev.simul.facade.Asyncio.createTask;
import static dev.simul.facade.Asyncio.gather;

final class ProbeTimes {
    static final List<String> DOMAINS = List.of(
            "def.dev", "in.dev", "for.dev", "as.dev", "is.dev", "try.dev", "and.dev", "not.dev", "true.dev");

    static void main(String[] args) {
        run(() -> {
            double start = perfCounter();
            for (String domain : DOMAINS) {
                MultiProbe.probe(domain);
            }
            System.out.printf("one after the other: %.1f s%n", perfCounter() - start);
            start = perfCounter();
            await(gather(DOMAINS.stream().map(domain -> createTask(() -> MultiProbe.probe(domain))).toList()));
            System.out.printf("all at once: %.1f s%n", perfCounter() - start);
            start = perfCounter();
            MultiProbe.probe("true.dev");
            System.out.printf("the slowest one: %.1f s%n", perfCounter() - start);
        });
    }
}
