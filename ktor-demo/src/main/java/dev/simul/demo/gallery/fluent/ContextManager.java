// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.gallery.fluent;

import dev.simul.facade.AsyncContextManager;

import static dev.simul.demo.gallery.Stage.run;
import static dev.simul.facade.Asyncio.asyncWith;
import static dev.simul.facade.Asyncio.await;
import static dev.simul.facade.Asyncio.sleep;
import static java.time.Duration.ofMillis;

final class ContextManager {
    record MyAsyncContextManager(String name) implements AsyncContextManager<MyAsyncContextManager> {
        @Override
        public MyAsyncContextManager aenter() {
            System.out.println("[ASYNC] Entering context: " + name);
            await(sleep(ofMillis(100)));
            return this;
        }

        @Override
        public boolean aexit(Throwable exception) {
            System.out.println("[ASYNC] Exiting context: " + name);
            await(sleep(ofMillis(50)));
            return false;
        }
    }

    static void main(String[] args) {
        run(() -> await(asyncWith(new MyAsyncContextManager("MyResource"), ctx -> {
            int x = 42;
            String message = "Hello from " + ctx.name();
            int result = x * 2;
            System.out.println(message);
            System.out.println("Result: " + result);
            return null;
        })));
    }
}
