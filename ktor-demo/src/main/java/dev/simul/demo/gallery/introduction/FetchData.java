// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.gallery.introduction;

import static dev.simul.demo.gallery.Stage.run;
import static dev.simul.facade.Asyncio.await;
import static dev.simul.facade.Asyncio.createTask;
import static dev.simul.facade.Asyncio.gather;
import static dev.simul.facade.Asyncio.sleep;
import static java.time.Duration.ofSeconds;

final class FetchData {
    static int fetchData(int n) {
        System.out.println("fetching " + n);
        await(sleep(ofSeconds(1)));
        return n * 10;
    }

    static void backgroundWork() {
        System.out.println("background work begins");
        await(sleep(ofSeconds(2)));
        System.out.println("background work ends");
    }

    static void otherWork() {
        System.out.println("other work begins");
        await(sleep(ofSeconds(1)));
        System.out.println("other work ends");
    }

    static void main(String[] args) {
        run(() -> {
            var results = await(gather(() -> fetchData(1), () -> fetchData(2), () -> fetchData(3)));
            System.out.println("fetched " + results);

            var task = createTask(() -> backgroundWork());
            otherWork();
            return await(task);
        });
    }
}
