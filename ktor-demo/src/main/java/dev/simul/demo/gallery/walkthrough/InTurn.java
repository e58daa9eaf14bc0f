// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.gallery.walkthrough;

import java.util.List;

import static dev.simul.demo.gallery.Stage.run;
import static dev.simul.demo.gallery.Time.perfCounter;
import static dev.simul.demo.gallery.walkthrough.PowersOfTwo.powersOfTwo;
import static dev.simul.facade.Asyncio.await;
import static dev.simul.facade.Asyncio.gather;

final class InTurn {
    static int total() {
        int total = 0;
        for (int i : powersOfTwo(5)) {
            total += i;
        }
        return total;
    }

    static void main(String[] args) {
        run(() -> {
            double start = perfCounter();
            var totals = List.of(total(), total());
            System.out.printf("%s in turn, after %.2f seconds%n", totals, perfCounter() - start);
            start = perfCounter();
            totals = await(gather(InTurn::total, InTurn::total));
            System.out.printf("%s at once, after %.2f seconds%n", totals, perfCounter() - start);
        });
    }
}
