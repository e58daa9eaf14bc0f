// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.gallery.coroutines;

import dev.simul.facade.Generator;

import static dev.simul.facade.Asyncio.generator;

final class SendTooEarly {
    static Generator<String, Integer, Void> coroutineExample(String name) {
        return generator(gen -> {
            int x = gen.yield(name);
            System.out.println("got " + x);
            gen.yield(name + " again");
        });
    }

    static void main(String[] args) {
        var coro = coroutineExample("Zarten");
        try {
            coro.send(6);
        } catch (IllegalArgumentException e) {
            System.out.println(e.getMessage());
        }
        System.out.println(coro.next());
        System.out.println(coro.send(6));
    }
}
