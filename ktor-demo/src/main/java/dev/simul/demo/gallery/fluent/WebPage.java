// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.gallery.fluent;

import dev.simul.facade.AsyncContextManager;

import static dev.simul.demo.gallery.Stage.run;
import static dev.simul.facade.Asyncio.asyncContextManager;
import static dev.simul.facade.Asyncio.asyncWith;
import static dev.simul.facade.Asyncio.await;
import static dev.simul.facade.Asyncio.getRunningLoop;

final class WebPage {
    static String downloadWebpage(String url) throws InterruptedException {
        Thread.sleep(100); // It blocks its thread, and not the loop.
        return "<title>" + url + "</title>";
    }

    static void updateStats(String url) {
        System.out.println(url + " was seen once more");
    }

    static void process(String data) {
        System.out.println("processing " + data);
    }

    static AsyncContextManager<String> webPage(String url) {
        return asyncContextManager(gen -> {
            var loop = getRunningLoop();
            String data = await(loop.runInExecutor(null, () -> downloadWebpage(url)));
            gen.yield(data);
            await(loop.runInExecutor(null, () -> updateStats(url)));
        });
    }

    static void main(String[] args) {
        run(() -> await(asyncWith(webPage("google.com"), data -> {
            process(data);
            return null;
        })));
    }
}
