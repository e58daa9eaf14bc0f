// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The description of an error that no caller can receive, which the loop passes to its exception handler.
 *
 * <p>Source: the {@code context} of {@code loop.call_exception_handler(context)}.
 *
 * @param message what happened, in one sentence
 * @param exception the exception, or null
 * @param details the objects involved, by asyncio's keys: {@code future}, {@code task}, {@code handle}, {@code asyncgen}
 * @param origin where the object that failed was created, if its loop was in debug mode
 */
public record ExceptionContext(
        String message, @Nullable Throwable exception, Map<String, Object> details, @Nullable Throwable origin) {
    /** A context without details. */
    public ExceptionContext(String message, @Nullable Throwable exception) {
        this(message, exception, Map.of(), null);
    }

    static ExceptionContext of(dev.simul.loop.ExceptionContext delegate) {
        Map<String, Object> details = new HashMap<>();
        delegate.getDetails().forEach((key, value) -> details.put(key, peerOf(value)));
        return new ExceptionContext(delegate.getMessage(), delegate.getException(), details, delegate.getOrigin());
    }

    private static Object peerOf(Object value) {
        if (value instanceof dev.simul.Future<?> future) {
            return Future.of(future);
        }
        if (value instanceof dev.simul.loop.Handle handle) {
            return Handle.of(handle);
        }
        return value;
    }

    dev.simul.loop.ExceptionContext delegate() {
        return new dev.simul.loop.ExceptionContext(message, exception, details, origin, null);
    }
}
