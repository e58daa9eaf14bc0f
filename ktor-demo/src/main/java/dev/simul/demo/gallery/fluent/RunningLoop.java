package dev.simul.demo.gallery.fluent;

import static dev.simul.demo.gallery.Stage.run;
import static dev.simul.facade.Asyncio.getRunningLoop;

final class RunningLoop {
    static void main(String[] args) {
        run(() -> {
            var loop = getRunningLoop();
            System.out.println(loop.isRunning() ? "the loop is running" : "the loop is not running");
            return null;
        });
        try {
            getRunningLoop();
        } catch (IllegalStateException e) {
            System.out.println("there is no running loop");
        }
    }
}
