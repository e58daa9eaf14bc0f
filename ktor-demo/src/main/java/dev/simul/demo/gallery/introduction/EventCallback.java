// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.gallery.introduction;

import dev.simul.facade.Event;
import dev.simul.facade.EventLoop;

import static dev.simul.demo.gallery.Stage.newEventLoop;
import static dev.simul.facade.Asyncio.await;
import static dev.simul.facade.Asyncio.gather;
import static java.time.Duration.ofSeconds;

final class EventCallback {
    static void setEvent(Event event) {
        System.out.println("setting event in callback");
        event.set();
    }

    static void coro1(Event event) {
        System.out.println("coro1 waiting for event");
        await(event.waitUntilSet());
        System.out.println("coro1 triggered");
    }

    static void coro2(Event event) {
        System.out.println("coro2 waiting for event");
        await(event.waitUntilSet());
        System.out.println("coro2 triggered");
    }

    static void main(EventLoop loop) {
        var event = new Event();
        System.out.println("event start state: " + event.isSet());

        loop.callLater(ofSeconds(1), () -> setEvent(event));

        await(gather(() -> coro1(event), () -> coro2(event)));
        System.out.println("event end state: " + event.isSet());
    }

    static void main(String[] args) {
        var eventLoop = newEventLoop();
        try {
            eventLoop.runUntilComplete(() -> main(eventLoop));
        } finally {
            eventLoop.close();
        }
    }
}
