// SPDX-License-Identifier: Apache-2.0
package dev.simul

import java.lang.StackWalker.StackFrame

/**
 * Why foreign code asks a task for its job. kotlinx asks with one expression, `coroutineContext[Job]`, for different reasons: only the
 * caller reveals which.
 */
internal enum class JobQuestion {
    /** Whether the task is cancelled: `isActive`, and the check by `Flow.catch` of the exception that it has caught. */
    IS_CANCELLED,

    /** The same, but with an exception as the answer: `ensureActive()`. */
    ENSURE_ACTIVE,

    /** To resume the task's own frame with a value: throws a cancellation that is still to be delivered. */
    RESUME,

    /** To suspend the task's own frame, or before that: throws a cancellation that is still to be delivered. */
    SUSPEND,

    /** To make a context or a child of the job, which throws nothing in the frame itself. */
    PASS_ON,

    /** Not known: code outside kotlinx's coroutines. It usually attaches something to the job, and suspends. */
    UNKNOWN,
    ;

    companion object {
        private val walker = StackWalker.getInstance()

        /** Finds the caller's question on the stack: takes microseconds, so only for a task with a request to cancel it. */
        fun ofCaller(): JobQuestion =
            walker.walk { frames ->
                of(frames.dropWhile { it.className in ASKED }.limit(DEPTH).toList())
            }

        private fun of(frames: List<StackFrame>): JobQuestion {
            val asker = frames.first()
            val name = asker.className
            return when {
                name in FACADES -> ofFacade(asker, frames)
                name == "kotlinx.coroutines.flow.FlowKt__ErrorsKt" -> IS_CANCELLED
                name == "kotlinx.coroutines.DispatchedTask" -> RESUME
                name in SUSPENDING -> SUSPEND
                name == "kotlinx.coroutines.AbstractCoroutine" -> if (frames.any { it.className == SCOPE }) SUSPEND else PASS_ON
                name.isKotlinx -> PASS_ON
                else -> UNKNOWN
            }
        }

        private fun ofFacade(
            asker: StackFrame,
            frames: List<StackFrame>,
        ): JobQuestion =
            when (asker.methodName) {
                "isActive" -> if (caller(frames).isKtors) SUSPEND else IS_CANCELLED
                "ensureActive" -> if (caller(frames).let { it.isKotlinx || it.isKtors }) SUSPEND else ENSURE_ACTIVE
                "getJob" -> UNKNOWN
                else -> PASS_ON
            }

        private fun caller(frames: List<StackFrame>): String = frames.firstOrNull { it.className !in FACADES }?.className.orEmpty()

        private val String.isKotlinx: Boolean get() = startsWith("kotlinx.coroutines.")

        /** Ktor asks in the middle of a request, which a task that has caught its cancellation may well make. */
        private val String.isKtors: Boolean get() = startsWith("io.ktor.")

        /** The maximum distance, in frames, of a scope's constructor from its question. */
        private const val DEPTH = 8L

        private const val SCOPE = "kotlinx.coroutines.internal.ScopeCoroutine"

        private val ASKED =
            setOf(
                JobQuestion::class.java.name,
                JobQuestion::class.java.name + "\$Companion",
                TaskBridge::class.java.name,
                TaskStep::class.java.name,
                "dev.simul.CurrentJob",
                "dev.simul.generators.GeneratorFrames",
                "kotlin.coroutines.CombinedContext",
            )

        private val FACADES =
            setOf(
                "kotlinx.coroutines.JobKt",
                "kotlinx.coroutines.JobKt__JobKt",
                "kotlinx.coroutines.CoroutineScopeKt",
            )

        private val SUSPENDING =
            setOf(
                "kotlinx.coroutines.CancellableContinuationImpl",
                "kotlinx.coroutines.internal.DispatchedContinuation",
                "kotlinx.coroutines.internal.DispatchedContinuationKt",
            )
    }
}
