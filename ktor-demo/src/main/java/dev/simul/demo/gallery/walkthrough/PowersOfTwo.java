// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.gallery.walkthrough;

import dev.simul.facade.AsyncIterable;
import java.util.ArrayList;
import java.util.stream.StreamSupport;

import static dev.simul.demo.gallery.Stage.run;
import static dev.simul.facade.Asyncio.asyncGenerator;
import static dev.simul.facade.Asyncio.await;
import static dev.simul.facade.Asyncio.sleep;
import static java.time.Duration.ofMillis;

final class PowersOfTwo {
    static AsyncIterable<Integer> powersOfTwo(int stop) {
        return asyncGenerator(gen -> {
            int exponent = 0;
            while (exponent < stop) {
                gen.yield(1 << exponent);
                exponent += 1;
                await(sleep(ofMillis(200))); // some asynchronous work
            }
        });
    }

    static void main(String[] args) {
        run(() -> {
            var g = new ArrayList<Integer>();
            for (int i : powersOfTwo(5)) {
                g.add(i);
            }
            System.out.println(g);
            var all = StreamSupport.stream(powersOfTwo(5).spliterator(), false);
            var f = all.filter(j -> j / 3 % 5 == 0).toList();
            System.out.println(f);
        });
    }
}
