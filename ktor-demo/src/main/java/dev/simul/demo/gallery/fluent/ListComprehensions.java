// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.gallery.fluent;

import dev.simul.facade.AsyncIterable;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.StreamSupport;

import static dev.simul.demo.gallery.Stage.run;
import static dev.simul.demo.gallery.Time.perfCounter;
import static dev.simul.facade.Asyncio.asyncGenerator;
import static dev.simul.facade.Asyncio.await;
import static dev.simul.facade.Asyncio.createTask;
import static dev.simul.facade.Asyncio.gather;
import static dev.simul.facade.Asyncio.gatherResults;
import static dev.simul.facade.Asyncio.sleep;
import static java.time.Duration.ofSeconds;

final class ListComprehensions {
    static AsyncIterable<Integer> aiter() {
        return asyncGenerator(gen -> {
            for (int i = 0; i <= 5; i++) {
                await(sleep(ofSeconds(1)));
                gen.yield(i);
            }
        });
    }

    static final List<Callable<Integer>> FUNCS =
            List.of(() -> await(sleep(ofSeconds(1), 1)), () -> await(sleep(ofSeconds(2), 2)));

    static int failing() {
        throw new IllegalArgumentException("no number");
    }

    static void main(String[] args) {
        run(() -> {
            var result = new ArrayList<Integer>();
            for (int i : aiter()) {
                if (i % 2 != 0) {
                    result.add(i);
                }
            }
            System.out.println(result);
            System.out.println(StreamSupport.stream(aiter().spliterator(), false).filter(i -> i % 2 != 0).toList());

            double start = perfCounter();
            var results = new ArrayList<Integer>();
            for (var fun : FUNCS) {
                results.add(fun.call());
            }
            System.out.println(results);
            System.out.printf("one after the other: %.0f s%n", perfCounter() - start);
            start = perfCounter();
            System.out.println(await(gather(FUNCS.stream().map(fun -> createTask(fun)).toList())));
            System.out.printf("at the same time: %.0f s%n", perfCounter() - start);

            var funcs = new ArrayList<>(FUNCS);
            funcs.add(() -> failing());
            for (var done : await(gatherResults(funcs.stream().map(fun -> createTask(fun)).toList()))) {
                System.out.println(done.exception() == null ? done.result() : done.exception().getMessage());
            }
        });
    }
}
