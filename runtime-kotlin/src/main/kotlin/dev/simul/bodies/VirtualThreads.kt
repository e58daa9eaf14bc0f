// SPDX-License-Identifier: Apache-2.0
package dev.simul.bodies

import dev.simul.loop.virtualThreadFactory
import java.lang.invoke.MethodHandle
import java.lang.invoke.MethodHandles
import java.util.concurrent.Executor
import java.util.concurrent.ThreadFactory

/** Virtual threads, for JDKs newer than the one this is compiled for. */
internal object VirtualThreads {
    private val factory: ThreadFactory? = virtualThreadFactory(BODY_THREAD)

    /** `(Executor, String, int, Runnable): Thread`. Before JDK 24, holding a monitor pins a virtual thread to its carrier. */
    private val onExecutor: MethodHandle? = if (feature >= 24) findOnExecutor() else null

    /** The JVM's default executor of virtual threads. */
    private val commonExecutor: Executor? = if (feature >= 24) findCommonExecutor() else null

    val areThere: Boolean get() = factory != null

    val canBePumped: Boolean get() = onExecutor != null && commonExecutor != null

    fun start(body: Runnable) = factory!!.newThread(body).start()

    fun startOn(
        executor: Executor,
        body: Runnable,
    ) {
        val thread =
            onExecutor!!.invoke(
                OwnWork(executor, commonExecutor!!) as Executor,
                BODY_THREAD,
                NO_INHERIT_THREAD_LOCALS,
                body,
            ) as Thread
        thread.start()
    }

    /** A virtual thread passes its executor on to the threads that it starts, but those belong to [others]. */
    private class OwnWork(
        private val own: Executor,
        private val others: Executor,
    ) : Executor {
        private var ownWork: Runnable? = null

        override fun execute(work: Runnable) {
            if (ownWork == null) ownWork = work // called by start()
            (if (work === ownWork) own else others).execute(work)
        }
    }

    /** Null if the JDK is not open for it, or has changed its internals. */
    private fun findOnExecutor(): MethodHandle? =
        try {
            val method =
                Class
                    .forName("java.lang.ThreadBuilders")
                    .getDeclaredMethod(
                        "newVirtualThread",
                        Executor::class.java,
                        String::class.java,
                        Int::class.java,
                        Runnable::class.java,
                    )
            if (method.trySetAccessible()) MethodHandles.lookup().unreflect(method) else null
        } catch (_: ReflectiveOperationException) {
            null
        }

    private fun findCommonExecutor(): Executor? =
        try {
            val field = Class.forName("java.lang.VirtualThread").getDeclaredField("DEFAULT_SCHEDULER")
            if (field.trySetAccessible()) field.get(null) as? Executor else null
        } catch (_: ReflectiveOperationException) {
            null
        }

    private val feature: Int get() = Runtime.version().feature()

    private const val NO_INHERIT_THREAD_LOCALS = 4
}
