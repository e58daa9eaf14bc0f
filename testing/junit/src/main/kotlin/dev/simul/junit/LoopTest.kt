// SPDX-License-Identifier: Apache-2.0
package dev.simul.junit

import dev.simul.interop.bodyOf
import dev.simul.testing.TestRunner
import dev.simul.testing.VirtualClock
import dev.simul.testing.network.MemoryNetwork
import org.junit.jupiter.api.extension.ExtensionContext
import org.junit.jupiter.api.extension.InvocationInterceptor.Invocation
import org.junit.jupiter.api.extension.ReflectiveInvocationContext
import java.lang.reflect.Method
import java.util.concurrent.Callable

/** One test, and what runs on its loop. */
internal class LoopTest(
    settings: Settings,
) {
    val runner = TestRunner(clockFor(settings), settings.timeout)

    /** Runs a method as a task named [name]. */
    fun <T> run(
        name: String,
        invocation: Invocation<T>,
        method: ReflectiveInvocationContext<Method>,
    ): T {
        val executable = method.executable
        if (!executable.isSuspend) return run(name, invocation)
        // JUnit would call it by runBlocking, which blocks the loop.
        invocation.skip()
        @Suppress("UNCHECKED_CAST")
        return runner.run(name) { executable.callSuspending(method.target.orElse(null), method.arguments).takeUnless { it == Unit } } as T
    }

    /** Runs code as a task named [name], and as a body. */
    fun <T> run(
        name: String,
        invocation: Invocation<T>,
    ): T = runner.run(name) { bodyOf(Callable { invocation.proceed() }).await() }

    companion object {
        private fun clockFor(settings: Settings): VirtualClock? =
            when {
                settings.isInMemory -> VirtualClock(selectorProvider = MemoryNetwork())
                settings.isVirtual -> VirtualClock()
                else -> null
            }

        private val namespace = ExtensionContext.Namespace.create(LoopTest::class.java)

        fun begin(context: ExtensionContext) = context.getStore(namespace).put(LoopTest::class.java, LoopTest(Settings.of(context)))

        /** The test of this context, or of the one that it is a part of; null before it began, and in a class. */
        fun ofOrNull(context: ExtensionContext): LoopTest? = context.getStore(namespace).get(LoopTest::class.java, LoopTest::class.java)

        fun of(context: ExtensionContext): LoopTest = checkNotNull(ofOrNull(context)) { "the test of $context has not begun" }
    }
}
