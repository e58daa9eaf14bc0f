// SPDX-License-Identifier: Apache-2.0
package dev.simul

import dev.simul.bodies.Strike
import dev.simul.loop.EventLoop
import dev.simul.loop.ExceptionHandler
import dev.simul.loop.getRunningLoop
import dev.simul.net.connectReadPipe
import dev.simul.net.connectWritePipe
import dev.simul.streams.StreamReader
import dev.simul.streams.StreamReaderProtocol
import dev.simul.streams.StreamWriter
import java.io.ByteArrayInputStream
import java.io.ByteArrayOutputStream
import java.util.concurrent.CompletableFuture
import java.util.concurrent.Executors
import java.util.concurrent.FutureTask
import kotlin.time.Duration.Companion.seconds

/** Other threads hand results to a loop, in all the ways there are, while an error strikes one of them. */
object HandInScenario {
    private val helper = Executors.newSingleThreadExecutor { Thread(it).apply { isDaemon = true } }

    /** Returns what is still waiting after all should have been told, and at last the loop's error. */
    @JvmStatic
    fun run(arm: Runnable): List<Throwable?> {
        val loop = EventLoop()
        loop.exceptionHandler = ExceptionHandler { _, _ -> }
        var left = emptySet<Future<*>>()
        var outside: CompletableFuture<*>? = null
        val ended =
            runCatching {
                loop.runUntilComplete {
                    arm.run()
                    outside = struckOutside { helper.submit<CompletableFuture<*>> { runCoroutineThreadsafe(loop) { 1 } }.get() }
                    left = wait(begin(), timeout = 10.seconds).pending
                    Strike.disarm()
                    runCatching { shutDownInTime(loop) }
                }
            }.exceptionOrNull()
        Strike.disarm()
        runCatching { loop.close() }
        val waiting = left.mapTo(ArrayList<Throwable?>()) { IllegalStateException("is not told: $it") }
        if (outside?.isDone == false) waiting += IllegalStateException("is not told outside")
        return waiting + ended
    }

    private fun <T> struckOutside(block: () -> T): T? = runCatching(block).getOrNull()

    private suspend fun shutDownInTime(loop: EventLoop) = loop.shutdownDefaultExecutor(10.seconds)

    private fun begin(): List<Future<*>> {
        val loop = getRunningLoop()
        val stage = CompletableFuture<Int>()
        val task = FutureTask { 1 }
        return listOf(
            loop.createTask { toThread { 1 } },
            loop.createTask { toThread { error("as it should") } },
            loop.createTask { loop.runInExecutor({ it.run() }) { 1 }.await() },
            loop.createTask {
                val wrapped = wrapFuture(stage)
                helper.execute { stage.complete(1) }
                wrapped.await()
            },
            loop.createTask {
                val wrapped = wrapFuture(task)
                helper.execute(task)
                wrapped.await()
            },
            loop.createTask {
                val reader = StreamReader()
                loop.connectReadPipe(ByteArrayInputStream(ByteArray(1))) { StreamReaderProtocol(reader) }
                reader.read()
            },
            loop.createTask {
                val protocol = StreamReaderProtocol(StreamReader())
                val (transport) = loop.connectWritePipe(ByteArrayOutputStream()) { protocol }
                StreamWriter(transport, protocol, null).use { it.write(ByteArray(1)) }
                protocol.closed.await()
            },
        )
    }
}
