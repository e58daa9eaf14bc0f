// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.gallery.fundamentals;

import dev.simul.facade.EventLoop;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

import static dev.simul.demo.gallery.Stage.run;
import static dev.simul.facade.Asyncio.await;
import static dev.simul.facade.Asyncio.getRunningLoop;
import static dev.simul.facade.Asyncio.sleep;
import static java.time.Duration.ofSeconds;

final class LoopsInThreads {
    static void work(String name, Set<EventLoop> loops) {
        loops.add(getRunningLoop());
        System.out.println(name + ": begins");
        await(sleep(ofSeconds(1)));
        System.out.println(name + ": ends");
    }

    static void main(String[] args) throws InterruptedException {
        Set<EventLoop> loops = ConcurrentHashMap.newKeySet();
        var first = new Thread(() -> run(() -> work("first", loops)));
        var second = new Thread(() -> run(() -> work("second", loops)));
        first.start();
        second.start();
        first.join();
        second.join();
        System.out.println(loops.size() + " loops");
    }
}
