// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.gallery.coroutines;

import dev.simul.exceptions.StopIteration;
import dev.simul.facade.Generator;

import static dev.simul.facade.Asyncio.generatorReturning;

final class YieldFrom {
    static Generator<String, Integer, String> coroutineExample(String name) {
        return generatorReturning(gen -> {
            System.out.println("start coroutine...name: " + name);
            int x = gen.yield(name);
            System.out.println("send值: " + x);
            return "zhihuID: Zarten";
        });
    }

    static Generator<String, Integer, String> grouper2() {
        return generatorReturning(gen -> {
            var result2 = gen.yieldFrom(coroutineExample("Zarten"));
            System.out.println("result2的值： " + result2);
            return result2;
        });
    }

    static Generator<String, Integer, String> grouper() {
        return generatorReturning(gen -> {
            var result = gen.yieldFrom(grouper2());
            System.out.println("result的值： " + result);
            return result;
        });
    }

    static void main(String[] args) {
        var g = grouper();
        g.next();
        try {
            g.send(10);
        } catch (StopIteration e) {
            System.out.println("返回值： " + e.value());
        }
    }
}
