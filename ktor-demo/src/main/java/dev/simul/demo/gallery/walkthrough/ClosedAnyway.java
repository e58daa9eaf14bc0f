// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.gallery.walkthrough;

import dev.simul.facade.AsyncContextManager;
import java.io.IOException;

import static dev.simul.demo.gallery.Stage.run;
import static dev.simul.facade.Asyncio.asyncContextManager;
import static dev.simul.facade.Asyncio.asyncWith;
import static dev.simul.facade.Asyncio.await;
import static dev.simul.facade.Asyncio.sleep;
import static java.time.Duration.ofSeconds;

final class ClosedAnyway {
    static AsyncContextManager<String> session() {
        return asyncContextManager(gen -> {
            System.out.println("Session opened");
            try {
                gen.yield("session");
            } finally {
                await(sleep(ofSeconds(1)));
                System.out.println("Session closed");
            }
        });
    }

    static void main(String[] args) {
        run(() -> {
            try {
                return await(asyncWith(session(), it -> {
                    throw new IOException("The request failed");
                }), IOException.class);
            } catch (IOException e) {
                System.out.println(e.getMessage());
                return null;
            }
        });
    }
}
