// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.gallery.walkthrough;

import static dev.simul.demo.gallery.Stage.run;
import static dev.simul.facade.Asyncio.await;
import static dev.simul.facade.Asyncio.getRunningLoop;
import static dev.simul.facade.Asyncio.toThread;

final class TwoLoops {
    static void main(String[] args) {
        run(() -> {
            var here = getRunningLoop();
            var there = await(toThread(() -> run(() -> getRunningLoop())));
            System.out.println(here == there ? "One loop." : "Two loops, each in a thread of its own.");
        });
    }
}
