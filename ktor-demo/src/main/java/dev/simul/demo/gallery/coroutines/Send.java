// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.gallery.coroutines;

import dev.simul.exceptions.StopIteration;
import dev.simul.facade.Generator;

import static dev.simul.facade.Asyncio.generator;

final class Send {
    static Generator<String, Integer, Void> coroutineExample(String name) {
        return generator(gen -> {
            System.out.println("start coroutine...name: " + name);
            int x = gen.yield(name);
            System.out.println("send值: " + x);
        });
    }

    static void main(String[] args) {
        var coro = coroutineExample("Zarten");
        System.out.println("next的返回值: " + coro.next());
        try {
            System.out.println("send的返回值: " + coro.send(6));
        } catch (StopIteration e) {
            System.out.println(e);
        }
    }
}
