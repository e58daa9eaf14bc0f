// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.gallery;

import java.util.concurrent.CompletableFuture;
import kotlin.coroutines.Continuation;
import kotlinx.coroutines.CoroutineStart;
import kotlinx.coroutines.Dispatchers;
import kotlinx.coroutines.GlobalScope;
import kotlinx.coroutines.future.FutureKt;

/**
 * Calls of suspend functions, which Java sees as methods with one argument more, a continuation.
 *
 * <p>A call becomes a future of the JDK, for {@code await}. Cancelling that cancels the call.
 */
public final class Suspending {
    private Suspending() {}

    /**
     * Starts a call, in a thread of kotlinx.coroutines.
     *
     * <pre>{@code
     * HttpResponse response = await(future(it -> BuildersKt.get(client, url, request -> Unit.INSTANCE, it)));
     * }</pre>
     */
    public static <T> CompletableFuture<T> future(Call<T> call) {
        return FutureKt.future(
                GlobalScope.INSTANCE, Dispatchers.getDefault(), CoroutineStart.DEFAULT, (scope, it) -> call.with(it));
    }

    /** A call of one suspend function. */
    @FunctionalInterface
    public interface Call<T> {
        /** Hands the continuation on as the function's last argument. */
        Object with(Continuation<? super T> continuation);
    }
}
