// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.gallery.coroutines;

import dev.simul.exceptions.StopIteration;
import dev.simul.facade.Generator;

import static dev.simul.facade.Asyncio.generatorReturning;

final class GeneratorReturn {
    static Generator<String, Integer, String> coroutineExample(String name) {
        return generatorReturning(gen -> {
            System.out.println("start coroutine...name: " + name);
            while (true) {
                var x = gen.yield(name);
                if (x == null) {
                    return "zhihuID: Zarten";
                }
                System.out.println("send值: " + x);
            }
        });
    }

    static void main(String[] args) {
        var coro = coroutineExample("Zarten");
        coro.next();
        System.out.println("send的返回值: " + coro.send(6));
        try {
            coro.send(null);
        } catch (StopIteration e) {
            System.out.println("返回值： " + e.value());
        }
    }
}
