// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.gallery.walkthrough;

import dev.simul.facade.EventLoop;
import java.time.Duration;

import static dev.simul.demo.gallery.Stage.run;
import static dev.simul.facade.Asyncio.await;
import static dev.simul.facade.Asyncio.getRunningLoop;
import static dev.simul.facade.Asyncio.sleep;

final class RunningLoop {
    static void callback(EventLoop loop) {
        System.out.println("Called back by the " + state(loop));
    }

    static String state(EventLoop loop) {
        var running = loop.isRunning() ? "is running" : "is not running";
        var closed = loop.isClosed() ? "is closed" : "is not closed";
        return "loop, which " + running + " and " + closed;
    }

    static EventLoop main() {
        var loop = getRunningLoop();
        loop.callSoon(() -> callback(loop));
        System.out.println("In main: the " + state(loop));
        await(sleep(Duration.ZERO));
        try {
            run(() -> null);
        } catch (IllegalStateException e) {
            System.out.println("In main: no other loop can run here");
        }
        return loop;
    }

    static void main(String[] args) {
        try {
            getRunningLoop();
        } catch (IllegalStateException e) {
            System.out.println("Before: no loop is running");
        }
        var loop = run(() -> main());
        System.out.println("After: the " + state(loop));
    }
}
