// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.gallery.fluent;

import dev.simul.facade.AsyncIterable;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;

import static dev.simul.demo.gallery.Stage.run;
import static dev.simul.facade.Asyncio.asyncGenerator;

final class Comprehensions {
    static void main(String[] args) {
        run(() -> {
            var names = List.of("python.org rust-lang.org golang.org no-lang.invalid".split(" "));

            AsyncIterable<String> genFound = asyncGenerator(gen -> {
                for (var result : MultiProbe.multiProbe(names)) {
                    if (result.found()) {
                        gen.yield(result.domain());
                    }
                }
            });
            for (String name : genFound) {
                System.out.println(name);
            }

            var all = new LinkedHashMap<String, Boolean>();
            for (var result : MultiProbe.multiProbe(names)) {
                all.put(result.domain(), result.found());
            }
            System.out.println(all);

            var found = new LinkedHashSet<String>();
            for (String name : names) {
                if (MultiProbe.probe(name).found()) {
                    found.add(name);
                }
            }
            System.out.println(found);
        });
    }
}
