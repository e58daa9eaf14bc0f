// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.gallery.walkthrough;

import dev.simul.demo.gallery.Time;

import static dev.simul.demo.gallery.Time.perfCounter;
import static java.time.Duration.ofSeconds;

final class CountSync {
    static void count() {
        System.out.println("One");
        Time.sleep(ofSeconds(1));
        System.out.println("Two");
        Time.sleep(ofSeconds(1));
    }

    static void main(String[] args) {
        double start = perfCounter();
        for (int i = 0; i < 3; i++) {
            count();
        }
        double elapsed = perfCounter() - start;
        System.out.printf("count-sync executed in %.2f seconds.%n", elapsed);
    }
}
