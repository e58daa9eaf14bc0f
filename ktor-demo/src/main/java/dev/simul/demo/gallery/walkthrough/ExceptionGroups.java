// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.gallery.walkthrough;

import dev.simul.exceptions.ExceptionGroup;
import dev.simul.facade.Future;
import java.util.Objects;

import static dev.simul.demo.gallery.Stage.run;
import static dev.simul.facade.Asyncio.await;
import static dev.simul.facade.Asyncio.createTask;
import static dev.simul.facade.Asyncio.exceptStar;
import static dev.simul.facade.Asyncio.gatherResults;
import static dev.simul.facade.Asyncio.sleep;
import static java.time.Duration.ofMillis;
import static java.time.Duration.ofSeconds;

final class ExceptionGroups {
    static Void coroA() {
        await(sleep(ofSeconds(1)));
        throw new IllegalArgumentException("Error in coro A");
    }

    static Void coroB() {
        await(sleep(ofSeconds(2)));
        throw new ClassCastException("Error in coro B");
    }

    static Void coroC() {
        await(sleep(ofMillis(500)));
        throw new IndexOutOfBoundsException("Error in coro C");
    }

    static void main() {
        var results = await(gatherResults(
                createTask(ExceptionGroups::coroA),
                createTask(ExceptionGroups::coroB),
                createTask(ExceptionGroups::coroC)));
        var exceptions = results.stream().map(Future::exception).filter(Objects::nonNull).toList();
        if (!exceptions.isEmpty()) {
            throw new ExceptionGroup("Errors", exceptions);
        }
    }

    static void main(String[] args) {
        exceptStar(
                () -> run(() -> main()),
                except -> except
                        .on(IllegalArgumentException.class, group -> System.out.println(
                                "[IllegalArgumentException handled] " + group.exceptions()))
                        .on(ClassCastException.class, group -> System.out.println(
                                "[ClassCastException handled] " + group.exceptions()))
                        .on(IndexOutOfBoundsException.class, group -> System.out.println(
                                "[IndexOutOfBoundsException handled] " + group.exceptions())));
    }
}
