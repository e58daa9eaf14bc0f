// SPDX-License-Identifier: Apache-2.0
package dev.simul.ktor.server

import dev.simul.currentTask
import io.ktor.server.application.Application
import io.ktor.util.pipeline.PipelinePhase
import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.Job
import kotlin.coroutines.ContinuationInterceptor
import kotlin.coroutines.CoroutineContext
import kotlin.coroutines.EmptyCoroutineContext

/**
 * What handlers inherit from the application's parent: everything but what says where they run, and what they are part of. Any thread may ask;
 * whoever asks first prepares the application.
 */
internal class InheritedContext {
    private class Known(
        val application: Application,
        val context: CoroutineContext,
    )

    @Volatile
    private var known: Known? = null

    fun of(application: Application): CoroutineContext = known?.contextOf(application) ?: prepare(application)

    private fun Known.contextOf(application: Application) = context.takeIf { this.application === application }

    @Synchronized
    private fun prepare(application: Application): CoroutineContext {
        known?.contextOf(application)?.let { return it }
        application.leaveCancelledUnanswered()
        val context =
            application.parentCoroutineContext.fold(EmptyCoroutineContext as CoroutineContext) { all, element ->
                if (element.isInherited) all + element else all
            }
        known = Known(application, context)
        return context
    }

    /**
     * A handler that is cancelled, and leaves it at that, has no answer: its connection is closed. Otherwise Ktor would answer 500, and blame
     * the application for the end of the server.
     */
    private fun Application.leaveCancelledUnanswered() {
        val outermost = PipelinePhase("Cancelled")
        insertPhaseBefore(items.first(), outermost)
        intercept(outermost) {
            try {
                proceed()
            } catch (e: CancellationException) {
                if (isCancelled()) (context.response as? SimulApplicationResponse)?.cutOff()
                throw e
            }
        }
    }

    private fun isCancelled() = currentTask().let { it != null && it.cancelling() > 0 }

    private val CoroutineContext.Element.isInherited: Boolean
        get() = key !== Job && key !== ContinuationInterceptor && javaClass.packageName != TASKS

    private companion object {
        /** The package whose context elements tell of the task that they are in. */
        const val TASKS = "dev.simul"
    }
}
