// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade;

import dev.simul.Awaitable;
import dev.simul.http.jdk.Waits;
import dev.simul.interop.Calls;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;

import static dev.simul.interop.Bodies.awaitInBody;
import static dev.simul.interop.Bodies.callInBody;

/** How the callers of HTTP clients wait: by this package's futures. */
enum HttpWaits implements Waits {
    INSTANCE;

    @Override
    public <T extends @Nullable Object> Future<T> call(dev.simul.loop.EventLoop loop, Awaitable<? extends T> awaitable) {
        return isHere(loop) ? new Future<>(callInBody(of(awaitable))) : submit(loop, awaitable);
    }

    @Override
    public <T extends @Nullable Object> Future<T> start(dev.simul.loop.EventLoop loop, Awaitable<? extends T> awaitable) {
        Calls.startCalls();
        return Place.of(loop) == Place.ON_LOOP
                ? Task.of(Calls.startTask(loop, of(awaitable)))
                : submit(loop, awaitable);
    }

    @Override
    public <T extends @Nullable Object> T await(dev.simul.loop.EventLoop loop, Awaitable<? extends T> awaitable)
            throws InterruptedException {
        if (isHere(loop)) {
            return awaitInBody(of(awaitable));
        }
        if (Thread.interrupted()) {
            throw new InterruptedException();
        }
        Future<T> future = submit(loop, awaitable);
        try {
            return future.get();
        } catch (ExecutionException e) {
            throw Sneaky.rethrow(e.getCause());
        } catch (InterruptedException | IllegalStateException e) {
            // It no longer waits, or could not: it is in a callback of another loop.
            future.cancel();
            throw e;
        }
    }

    /** Whether the caller is the loop's own code, or a body that must not go on. */
    private static boolean isHere(dev.simul.loop.EventLoop loop) {
        var place = Place.of(loop);
        return place == Place.ON_LOOP || place == Place.IN_ABANDONED_BODY;
    }

    private static <T extends @Nullable Object> Future<T> submit(
            dev.simul.loop.EventLoop loop, Awaitable<? extends T> awaitable) {
        Calls.startCalls();
        return new Future<>(Calls.submit(loop, TaskOptions.NONE.delegate(), of(awaitable)));
    }

    @SuppressWarnings("unchecked") // It gives a T.
    private static <T extends @Nullable Object> Awaitable<T> of(Awaitable<? extends T> awaitable) {
        return (Awaitable<T>) awaitable;
    }
}
