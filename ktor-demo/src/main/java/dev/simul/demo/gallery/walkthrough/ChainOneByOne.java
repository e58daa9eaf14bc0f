// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.gallery.walkthrough;

import dev.simul.demo.gallery.Random;
import java.util.List;

import static dev.simul.demo.gallery.Stage.run;
import static dev.simul.demo.gallery.Time.perfCounter;
import static dev.simul.demo.gallery.walkthrough.Chain.getUserWithPosts;

final class ChainOneByOne {
    static void main(String[] args) {
        Random.seed(444);
        run(() -> {
            var userIds = List.of(1, 2, 3);
            double start = perfCounter();
            for (int userId : userIds) {
                getUserWithPosts(userId);
            }
            double end = perfCounter();
            System.out.printf("%n==> Total time: %.2f seconds%n", end - start);
        });
    }
}
