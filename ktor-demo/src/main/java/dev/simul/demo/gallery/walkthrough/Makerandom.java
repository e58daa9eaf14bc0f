// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.gallery.walkthrough;

import dev.simul.demo.gallery.Random;
import java.util.List;

import static dev.simul.demo.gallery.Colors.color;
import static dev.simul.demo.gallery.Stage.run;
import static dev.simul.facade.Asyncio.await;
import static dev.simul.facade.Asyncio.gather;
import static dev.simul.facade.Asyncio.sleep;
import static java.time.Duration.ofSeconds;

final class Makerandom {
    private static final List<String> COLORS = List.of(
            "\u001b[0m", // end of color
            "\u001b[36m", // cyan
            "\u001b[91m", // red
            "\u001b[35m"); // magenta

    static int makerandom(int delay, int threshold) {
        var color = color(COLORS.get(delay));
        System.out.println(color + "Initiated makerandom(" + delay + ").");
        int number;
        while ((number = Random.randint(0, 10)) <= threshold) {
            System.out.println(color + "makerandom(" + delay + ") == " + number + " too low; retrying.");
            await(sleep(ofSeconds(delay)));
        }
        System.out.println(color + "---> Finished: makerandom(" + delay + ") == " + number + color(COLORS.get(0)));
        return number;
    }

    static void main(String[] args) {
        Random.seed(444);
        var r = run(() -> await(gather(() -> makerandom(1, 9), () -> makerandom(2, 8), () -> makerandom(3, 8))));
        System.out.println();
        System.out.println("r1: " + r.get(0) + ", r2: " + r.get(1) + ", r3: " + r.get(2));
    }
}
