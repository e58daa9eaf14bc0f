// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade;

import dev.simul.Awaitable;
import dev.simul.http.jdk.Waits;
import dev.simul.interop.Bodies;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;

import static dev.simul.WrapFutureKt.wrapFuture;
import static dev.simul.interop.Bodies.awaitInBody;
import static dev.simul.interop.Bodies.callInBody;
import static dev.simul.interop.Calls.startCalls;
import static dev.simul.interop.Calls.startTask;

/** How the callers of HTTP clients, and the handlers of HTTP servers, wait: by this package's futures. */
enum HttpWaits implements Waits {
    INSTANCE;

    @Override
    public <T extends @Nullable Object> Future<T> call(dev.simul.loop.EventLoop loop, Awaitable<? extends T> awaitable) {
        return switch (Place.of(loop)) {
            case ON_LOOP, IN_ABANDONED_BODY -> new Future<>(callInBody(of(awaitable)));
            case ON_OTHER_LOOP, OFF_LOOPS -> submit(loop, awaitable);
        };
    }

    @Override
    public <T extends @Nullable Object> Future<T> start(dev.simul.loop.EventLoop loop, Awaitable<? extends T> awaitable) {
        startCalls();
        return Place.of(loop) == Place.ON_LOOP
                ? Task.of(startTask(loop, of(awaitable)))
                : submit(loop, awaitable);
    }

    @Override
    public <T extends @Nullable Object> T await(dev.simul.loop.EventLoop loop, Awaitable<? extends T> awaitable)
            throws InterruptedException {
        return switch (Place.of(loop)) {
            case ON_LOOP, IN_ABANDONED_BODY -> awaitInBody(of(awaitable));
            case ON_OTHER_LOOP -> Calls.awaitHere(continuation -> wrapFuture(
                    (CompletionStage<T>) HttpWaits.<T>submit(loop, awaitable), null).await(continuation));
            case OFF_LOOPS -> awaitInThread(loop, awaitable);
        };
    }

    @Override
    public <T extends @Nullable Object> Awaitable<T> bodyOf(Callable<T> callable) {
        return Bodies.bodyOf(callable);
    }

    private static <T extends @Nullable Object> T awaitInThread(
            dev.simul.loop.EventLoop loop, Awaitable<? extends T> awaitable) throws InterruptedException {
        if (Thread.interrupted()) {
            throw new InterruptedException();
        }
        Future<T> future = submit(loop, awaitable);
        try {
            return future.get();
        } catch (ExecutionException e) {
            throw Sneaky.rethrow(e.getCause());
        } catch (InterruptedException e) {
            future.cancel();
            throw e;
        }
    }

    private static <T extends @Nullable Object> Future<T> submit(
            dev.simul.loop.EventLoop loop, Awaitable<? extends T> awaitable) {
        startCalls();
        return new Future<>(dev.simul.interop.Calls.submit(loop, TaskOptions.NONE.delegate(), of(awaitable)));
    }

    @SuppressWarnings("unchecked") // It gives a T.
    private static <T extends @Nullable Object> Awaitable<T> of(Awaitable<? extends T> awaitable) {
        return (Awaitable<T>) awaitable;
    }
}
