// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.gallery.coroutines;

import dev.simul.facade.Generator;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

import static dev.simul.facade.Asyncio.generator;

final class YieldFromRange {
    static Generator<Integer, Void, Void> forTest() {
        return generator(gen -> {
            for (int i = 0; i < 3; i++) {
                gen.yield(i);
            }
        });
    }

    static Generator<Integer, Void, Void> yieldFromTest() {
        return generator(gen -> gen.yieldFrom(IntStream.range(0, 3).iterator()));
    }

    static List<Integer> list(Iterable<Integer> items) {
        var list = new ArrayList<Integer>();
        items.forEach(list::add);
        return list;
    }

    static void main(String[] args) {
        System.out.println(list(forTest()));
        System.out.println(list(yieldFromTest()));
    }
}
