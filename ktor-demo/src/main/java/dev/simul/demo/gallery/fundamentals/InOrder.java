// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.gallery.fundamentals;

import static dev.simul.demo.gallery.Stage.run;
import static dev.simul.facade.Asyncio.await;
import static dev.simul.facade.Asyncio.sleep;
import static java.time.Duration.ofSeconds;

final class InOrder {
    static void f() {
        System.out.println("f begins");
        await(sleep(ofSeconds(1)));
        System.out.println("f ends");
    }

    static void g() {
        System.out.println("g begins");
        await(sleep(ofSeconds(1)));
        System.out.println("g ends");
    }

    static void main(String[] args) {
        run(() -> {
            f();
            g();
        });
    }
}
