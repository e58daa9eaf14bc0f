// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.gallery.walkthrough;

import io.ktor.client.request.BuildersKt;
import io.ktor.client.statement.HttpResponse;
import java.util.List;
import kotlin.Unit;

import static dev.simul.demo.gallery.Stage.run;
import static dev.simul.demo.gallery.Suspending.future;
import static dev.simul.facade.Asyncio.await;
import static dev.simul.facade.Asyncio.createTask;
import static dev.simul.facade.Asyncio.gather;

final class Websites {
    static void check(StandIn standIn, String url) {
        try (var client = standIn.client()) {
            HttpResponse response = await(future(it -> BuildersKt.get(client, url, request -> Unit.INSTANCE, it)));
            System.out.println(url + ": status -> " + response.getStatus().getValue());
        }
    }

    static void main(String[] args) {
        try (var standIn = new StandIn()) {
            run(() -> {
                var websites = List.of("https://realpython.com", "https://pycoders.com", "https://www.python.org");
                return await(gather(websites.stream().map(it -> createTask(() -> check(standIn, it))).toList()));
            });
        }
    }
}
