// SPDX-License-Identifier: Apache-2.0
@file:JvmMultifileClass
@file:JvmName("VertxOnLoop")

package dev.simul.netty.vertx

import dev.simul.generators.AsyncGenerator
import dev.simul.generators.asyncGenerator
import dev.simul.loop.EventLoop
import dev.simul.loop.ExceptionContext
import dev.simul.loop.addCloseCallback
import dev.simul.loop.getRunningLoop
import dev.simul.netty.SimulEventLoop
import io.vertx.core.Vertx
import io.vertx.core.VertxOptions
import io.vertx.core.file.FileSystemOptions
import io.vertx.core.transport.Transport
import java.util.concurrent.ConcurrentHashMap
import kotlin.coroutines.Continuation
import kotlin.coroutines.EmptyCoroutineContext
import kotlin.coroutines.startCoroutine

private val all = ConcurrentHashMap<EventLoop, VertxOfLoop>()

/**
 * The Vert.x of the running loop, for Vert.x's clients and servers: all that is on its event loops runs on the loop, channels, timers and
 * handlers. So the futures that they return are awaited ([await]) without a crossing between threads.
 *
 * There is one for each loop, made when it is first asked for, and closed at the end of `dev.simul.run` once all tasks have ended, unless
 * `close()` was called before; after that, the next call makes another one. A loop that is closed without the runner reports a Vert.x that
 * is still open to its exception handler, and closes its channels.
 *
 * Names of servers are looked up by the loop's resolver, and writes of one turn are flushed together. Vert.x starts threads of its own for
 * what blocks (`executeBlocking`, files, workers), all of them daemons, and one that watches these. It has no cache of files, nor looks
 * for files in the class path. For other options there is [vertxTransport].
 *
 * asyncio has no equivalent.
 *
 * @throws IllegalStateException outside a running loop.
 */
public fun vertx(): Vertx {
    val loop = getRunningLoop()
    all[loop]?.let { if (!it.isClosing) return it.vertx }
    return VertxOfLoop(loop).also { all[loop] = it }.vertx
}

/**
 * The running loop as a transport of Vert.x, for a Vert.x with options, metrics or a tracer of your own, which is yours to close:
 *
 * ```
 * Vertx.builder().with(options).withTransport(vertxTransport()).build()
 * ```
 *
 * Each call returns another one, for one Vert.x. It has as many event loops as it is asked for, all of which are the loop.
 *
 * @throws IllegalStateException outside a running loop.
 */
public fun vertxTransport(): Transport = LoopTransport(SimulEventLoop(getRunningLoop(), whenTerminated = {}))

/** The Vert.x of [loop], which ends with it. */
private class VertxOfLoop(
    private val loop: EventLoop,
) {
    private val eventLoop = SimulEventLoop(loop, whenTerminated = { forget() })
    val vertx: Vertx = Vertx.builder().with(options()).withTransport(LoopTransport(eventLoop)).build()

    /** `run` closes generators that are open when all tasks have ended: this one holds the Vert.x. */
    private val holder: AsyncGenerator<Unit, Nothing> =
        asyncGenerator {
            try {
                yield(Unit)
            } finally {
                await(vertx.close())
            }
        }
    private val closing = loop.addCloseCallback { report() }

    val isClosing: Boolean get() = eventLoop.isShuttingDown

    init {
        // It yields at once: there is nothing to wait for.
        suspend { holder.anext() }.startCoroutine(Continuation(EmptyCoroutineContext) { it.getOrThrow() })
    }

    private fun forget() {
        all.remove(loop, this)
        closing.cancel()
    }

    private fun report() =
        loop.callExceptionHandler(
            ExceptionContext("$vertx was open when its loop closed: await its close() before", null, mapOf("vertx" to vertx)),
        )

    private fun options() =
        VertxOptions()
            .setEventLoopPoolSize(1)
            .setUseDaemonThread(true)
            .setFileSystemOptions(FileSystemOptions().setFileCachingEnabled(false).setClassPathResolvingEnabled(false))
}
