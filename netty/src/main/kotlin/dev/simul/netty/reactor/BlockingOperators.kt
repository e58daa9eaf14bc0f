// SPDX-License-Identifier: Apache-2.0
package dev.simul.netty.reactor

import dev.simul.loop.getRunningLoopOrNull
import reactor.core.scheduler.Schedulers

/**
 * The refusal of Reactor's operators that would block the loop's thread. Reactor itself refuses them in threads that it knows to be
 * nonblocking, and asks for each call: so the answer may be the exception that names the call to use.
 */
internal object BlockingOperators {
    private val walker = StackWalker.getInstance()

    init {
        Schedulers.registerNonBlockingThreadPredicate { it === Thread.currentThread() && getRunningLoopOrNull() != null && refuses() }
    }

    /** The first call of this makes Reactor ask. */
    fun refuse() = Unit

    private fun refuses(): Boolean {
        val operator = walker.walk { frames -> frames.limit(DEPTH).filter { it.isBlockingOperator }.findFirst().orElse(null) } ?: return true
        throw IllegalStateException(
            "${operator.methodName}() would block the loop; call await(publisher) of dev.simul.reactivestreams in a coroutine, or " +
                "ReactiveStreams.await(publisher) in Java",
        )
    }

    private val StackWalker.StackFrame.isBlockingOperator
        get() = methodName.startsWith("block") && className in publishers

    private val publishers = setOf("reactor.core.publisher.Mono", "reactor.core.publisher.Flux")

    private const val DEPTH = 12L
}
