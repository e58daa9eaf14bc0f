// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade.docs;

import static dev.simul.facade.Asyncio.open;

public class Background {
    public static void main(String[] args) throws Exception {
        try (var loop = open()) {
            var one = loop.submit(() -> Count.count());
            var other = loop.submit(() -> Count.count());
            System.out.println(one.get() + " " + other.get());
        }
    }
}
