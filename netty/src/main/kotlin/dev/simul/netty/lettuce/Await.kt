// SPDX-License-Identifier: Apache-2.0
package dev.simul.netty.lettuce

import dev.simul.exceptions.CancelledException
import dev.simul.wrapFuture
import io.lettuce.core.ConnectionFuture
import io.lettuce.core.api.StatefulConnection
import java.util.concurrent.CompletionStage

/**
 * Waits until [stage] is done, without blocking, and returns its result or throws its failure: for what Lettuce's asynchronous commands
 * return, for connections, and for any other stage. In Java, `Asyncio.await(stage)` does the same.
 *
 * Cancelling the waiting task cancels [stage]. A command that was not sent then stays unsent; the answer to one that was sent is dropped when
 * it comes, and the connection goes on. The server carries it out in any case, and while it blocks there (`BLPOP`), the commands that follow
 * on that connection wait.
 *
 * asyncio has no equivalent; compare `await asyncio.wrap_future(future)`.
 *
 * @throws dev.simul.exceptions.CancelledException if [stage], or the waiting task, is cancelled.
 * @throws IllegalStateException outside a running loop.
 */
@JvmSynthetic
public suspend fun <T> await(stage: CompletionStage<T>): T = wrapFuture(stage).await()

/**
 * As the other [await], for a connection. If the waiting task is cancelled, the connection is closed as soon as it is established, and also if
 * that happened in the very turn in which the task is cancelled; other clients than a [redisClient] leave it open.
 */
@JvmSynthetic
public suspend fun <C : StatefulConnection<*, *>> await(connecting: ConnectionFuture<C>): C =
    try {
        wrapFuture(connecting as CompletionStage<C>).await()
    } catch (e: CancelledException) {
        (connecting.toCompletableFuture() as? Connecting<*>)?.giveUp()
        throw e
    }
