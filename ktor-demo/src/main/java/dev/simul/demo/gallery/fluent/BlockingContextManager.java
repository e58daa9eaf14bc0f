// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.gallery.fluent;

import dev.simul.demo.gallery.Time;
import dev.simul.facade.ContextManager;

import static dev.simul.demo.gallery.Stage.run;
import static dev.simul.facade.Asyncio.await;
import static dev.simul.facade.Asyncio.sleep;
import static dev.simul.facade.Asyncio.with;
import static java.time.Duration.ofSeconds;

final class BlockingContextManager {
    record MyContextManager(String name) implements ContextManager<MyContextManager> {
        @Override
        public MyContextManager enter() {
            System.out.println("[SYNC] Entering context: " + name);
            Time.sleep(ofSeconds(1));
            return this;
        }

        @Override
        public boolean exit(Throwable exception) {
            System.out.println("[SYNC] Exiting context: " + name);
            Time.sleep(ofSeconds(1));
            return false;
        }
    }

    static void main(String[] args) {
        run(() -> with(new MyContextManager("MyResource"), ctx -> {
            System.out.println("in with block");
            String message = "Hello from " + ctx.name();
            await(sleep(ofSeconds(1)));
            System.out.println(message);
            return null;
        }));
    }
}
