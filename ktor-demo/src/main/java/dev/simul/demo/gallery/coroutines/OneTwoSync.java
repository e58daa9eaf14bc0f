// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.gallery.coroutines;

import dev.simul.demo.gallery.Time;

import static java.time.Duration.ofSeconds;

final class OneTwoSync {
    static void count() {
        System.out.println("One");
        Time.sleep(ofSeconds(1));
        System.out.println("Two");
    }

    static void main(String[] args) {
        for (int i = 0; i < 3; i++) {
            count();
        }
    }
}
