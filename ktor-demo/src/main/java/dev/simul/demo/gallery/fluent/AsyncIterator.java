// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.gallery.fluent;

import dev.simul.facade.AsyncIterable;
import java.util.Iterator;

import static dev.simul.demo.gallery.Stage.run;
import static dev.simul.facade.Asyncio.asyncGenerator;
import static dev.simul.facade.Asyncio.await;
import static dev.simul.facade.Asyncio.sleep;
import static java.time.Duration.ofSeconds;

final class AsyncIterator {
    static final class Countdown implements Iterable<Integer>, Iterator<Integer> {
        private int left;

        Countdown(int left) {
            this.left = left;
        }

        @Override
        public Iterator<Integer> iterator() {
            return this;
        }

        @Override
        public boolean hasNext() {
            return left > 0;
        }

        @Override
        public Integer next() {
            await(sleep(ofSeconds(1)));
            return left--;
        }
    }

    static AsyncIterable<Integer> countdown(int n) {
        return asyncGenerator(gen -> {
            for (int left = n; left >= 1; left--) {
                await(sleep(ofSeconds(1)));
                gen.yield(left);
            }
        });
    }

    static void main(String[] args) {
        run(() -> {
            for (int left : new Countdown(3)) {
                System.out.println("a class: " + left);
            }
            for (int left : countdown(3)) {
                System.out.println("a generator: " + left);
            }
        });
    }
}
