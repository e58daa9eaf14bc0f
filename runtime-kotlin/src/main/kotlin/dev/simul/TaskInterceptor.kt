package dev.simul

import dev.simul.loop.EventLoop
import dev.simul.loop.LoopLocal
import kotlinx.coroutines.Delay
import kotlinx.coroutines.InternalCoroutinesApi
import kotlin.coroutines.AbstractCoroutineContextElement
import kotlin.coroutines.Continuation
import kotlin.coroutines.ContinuationInterceptor
import kotlin.coroutines.CoroutineContext

/**
 * How foreign code resumes the frames of a loop's tasks: as a callback of the loop, inside a step of the task.
 *
 * It goes through [dispatcher], because kotlinx's `yield`, prompt cancellation and undelivered elements need a continuation
 * of their own kind.
 */
@OptIn(InternalCoroutinesApi::class)
internal class TaskInterceptor(
    private val dispatcher: EventLoopDispatcher,
) : AbstractCoroutineContextElement(ContinuationInterceptor),
    ContinuationInterceptor,
    Delay by dispatcher {
    override fun <T> interceptContinuation(continuation: Continuation<T>): Continuation<T> =
        dispatcher.interceptContinuation(StepContinuation(continuation))

    override fun releaseInterceptedContinuation(continuation: Continuation<*>) = dispatcher.releaseInterceptedContinuation(continuation)

    override fun toString(): String = "the interceptor of the tasks of ${dispatcher.loop}"

    companion object {
        private val of = LoopLocal { loop -> TaskInterceptor(loop.dispatcher as EventLoopDispatcher) }

        operator fun get(loop: EventLoop): TaskInterceptor = of[loop]
    }
}

/** A frame of a task, or of a kotlinx child of one: it is resumed inside a step of that task. */
private class StepContinuation<T>(
    private val continuation: Continuation<T>,
) : Continuation<T> {
    /** Foreign code asks before and after a resumption, by which the frames of a generator may have got another driver. */
    override val context: CoroutineContext
        get() {
            val context = continuation.context
            return if (context is TaskContext) context.present() else context
        }

    override fun resumeWith(result: Result<T>) {
        val context = context
        val own = context.ownStep
        val step = own ?: context[TaskBridge]?.step ?: return continuation.resumeWith(result)
        val outcome = if (own == null) result else own.bridge().resumes(result)
        step.inStep { continuation.resumeWith(outcome) }
    }
}
