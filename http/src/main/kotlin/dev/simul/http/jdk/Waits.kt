// SPDX-License-Identifier: Apache-2.0
package dev.simul.http.jdk

import dev.simul.Awaitable
import dev.simul.FacadeApi
import dev.simul.loop.EventLoop
import java.util.concurrent.Callable
import java.util.concurrent.CompletableFuture

/** How Java's code waits for what clients and servers do: the facade's futures, and awaiting in a body. */
@FacadeApi
public interface Waits {
    /** A call of [awaitable] on [loop], which begins as every call of the facade does. May be called in any thread. */
    public fun <T> call(
        loop: EventLoop,
        awaitable: Awaitable<T>,
    ): CompletableFuture<T>

    /** As [call], but it begins before this returns, if this is the loop's thread. */
    public fun <T> start(
        loop: EventLoop,
        awaitable: Awaitable<T>,
    ): CompletableFuture<T>

    /**
     * Waits for [awaitable] in the caller's place: in a body of the loop only its task waits, in a thread without a loop that thread.
     *
     * @throws IllegalStateException where the wait would stop a loop; nothing has begun.
     * @throws InterruptedException in a thread that is interrupted; the call is cancelled.
     */
    @Throws(InterruptedException::class)
    public fun <T> await(
        loop: EventLoop,
        awaitable: Awaitable<T>,
    ): T

    /** [callable] as a body, which runs in the task that awaits it. */
    public fun <T> bodyOf(callable: Callable<T>): Awaitable<T>
}
