// SPDX-License-Identifier: Apache-2.0
package dev.simul.generators

import kotlin.coroutines.Continuation
import kotlin.coroutines.CoroutineContext
import kotlin.coroutines.intrinsics.COROUTINE_SUSPENDED
import kotlin.coroutines.intrinsics.suspendCoroutineUninterceptedOrReturn
import kotlin.coroutines.jvm.internal.CoroutineStackFrame

/**
 * The iterator of a `for` loop over [generator].
 *
 * It drives the generator itself, in the place of a frame of [hasNext], which would have to be made anew for each value. It holds the
 * generator, which would otherwise be closed when it is collected.
 */
internal class GeneratorIterator<T>(
    private val generator: AsyncGenerator<T, *>,
    private val frames: GeneratorFrames<T, *>,
) : AsyncIterator<T>,
    Continuation<Any?>,
    CoroutineStackFrame {
    private var value: Any? = GeneratorFrames.END

    /** The loop, since its first call of [hasNext]. */
    private var caller: Continuation<Boolean>? = null

    override suspend fun hasNext(): Boolean {
        generator.begin()
        return suspendCoroutineUninterceptedOrReturn {
            frames.refuseIfRunning("anext()")
            if (caller !== it) caller = it
            val next = frames.advance(this)
            if (next === COROUTINE_SUSPENDED) next else takes(next)
        }
    }

    private fun takes(next: Any?): Boolean {
        value = next
        return next !== GeneratorFrames.END
    }

    override fun next(): T {
        val next = value
        if (next === GeneratorFrames.END) throw NoSuchElementException("ask hasNext() before next()")
        value = GeneratorFrames.END
        @Suppress("UNCHECKED_CAST")
        return next as T
    }

    // As the driver, for which the body has suspended.

    override val context: CoroutineContext get() = caller!!.context

    override fun resumeWith(result: Result<Any?>) = caller!!.resumeWith(result.map { takes(it) })

    override val callerFrame: CoroutineStackFrame? get() = caller as? CoroutineStackFrame

    override fun getStackTraceElement(): StackTraceElement? = null
}
