// SPDX-License-Identifier: Apache-2.0
package dev.simul.benchmarks

import java.lang.invoke.MethodHandles
import java.lang.invoke.MethodType

/** Virtual threads, which the JDK that compiles this need not have. */
internal object VirtualThreads {
    private val start =
        MethodHandles.publicLookup().findStatic(
            Thread::class.java,
            "startVirtualThread",
            MethodType.methodType(Thread::class.java, Runnable::class.java),
        )

    fun start(work: Runnable): Thread = start.invokeWithArguments(work) as Thread

    /** Runs [work] in a virtual thread, and waits for its end. */
    fun run(work: Runnable) {
        var failure: Throwable? = null
        val thread =
            start {
                try {
                    work.run()
                } catch (thrown: Throwable) {
                    failure = thrown
                }
            }
        thread.join()
        failure?.let { throw it }
    }
}
