// SPDX-License-Identifier: Apache-2.0
package dev.simul.ktor.server

import dev.simul.http.ServerExchange
import dev.simul.loop.EventLoop
import dev.simul.loop.getRunningLoop
import io.ktor.server.application.Application
import io.ktor.server.engine.EnginePipeline
import io.ktor.server.engine.handleFailure
import io.ktor.server.http.HttpRequestCloseHandlerKey
import io.ktor.util.pipeline.execute
import io.ktor.utils.io.InternalAPI
import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.Job
import kotlinx.coroutines.channels.SendChannel
import kotlinx.coroutines.job
import kotlinx.coroutines.withContext
import kotlin.coroutines.EmptyCoroutineContext
import kotlin.coroutines.coroutineContext

/** Answers exchanges of the running loop by Ktor's pipeline, each in the task of its connection. */
internal class SimulCalls(
    private val pipeline: EnginePipeline,
    private val applicationProvider: () -> Application,
    private val inherited: InheritedContext,
) {
    val loop: EventLoop = getRunningLoop()

    suspend fun answer(exchange: ServerExchange) {
        val application = applicationProvider()
        val context = inherited.of(application)
        if (context === EmptyCoroutineContext) answer(exchange, application) else withContext(context) { answer(exchange, application) }
    }

    @OptIn(InternalAPI::class)
    private suspend fun answer(
        exchange: ServerExchange,
        application: Application,
    ) {
        val call = SimulApplicationCall(application, exchange, loop, coroutineContext)
        exchange.onDisconnect = { call.attributes.getOrNull(HttpRequestCloseHandlerKey)?.invoke() }
        try {
            pipeline.execute(call)
        } catch (e: CancellationException) {
            throw e
        } catch (e: Throwable) {
            handleFailure(call, e)
        }
        if (call.response.isCutOff) throw CancellationException("the request was cut off: $exchange")
        awaitChildren(coroutineContext.job)
    }

    /**
     * What was launched in the scope of a call belongs to it: the connection's next request waits for that. Producers are ended, since those
     * that nobody reads to their end, such as that of the parts of a form, would wait forever.
     */
    private suspend fun awaitChildren(job: Job) {
        for (child in job.children) if (child !is SendChannel<*>) child.join()
        for (child in job.children) child.cancel()
    }
}
