// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.gallery.fundamentals;

import dev.simul.facade.AsyncContextManager;
import java.util.Iterator;

import static dev.simul.demo.gallery.Stage.run;
import static dev.simul.facade.Asyncio.asyncWith;
import static dev.simul.facade.Asyncio.await;
import static dev.simul.facade.Asyncio.sleep;
import static java.time.Duration.ofSeconds;

final class MagicMethods {
    static class Countdown implements AsyncContextManager<Countdown>, Iterable<Integer>, Iterator<Integer> {
        private int left;

        Countdown(int left) {
            this.left = left;
        }

        @Override
        public Countdown aenter() {
            System.out.println("enter");
            await(sleep(ofSeconds(1)));
            return this;
        }

        @Override
        public boolean aexit(Throwable exception) {
            await(sleep(ofSeconds(1)));
            System.out.println("exit");
            return false;
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

    static void main(String[] args) {
        run(() -> await(asyncWith(new Countdown(3), countdown -> {
            for (int i : countdown) {
                System.out.println(i);
            }
            return null;
        })));
    }
}
