// SPDX-License-Identifier: Apache-2.0
package dev.simul.benchmarks

import java.util.concurrent.ThreadFactory

/** Virtual threads, which the JDK that compiles this need not have. */
internal object VirtualThreads {
    /** `Thread.ofVirtual().factory()`: found by reflection once, so that nothing of that is measured. */
    private val factory: ThreadFactory =
        Class
            .forName("java.lang.Thread\$Builder")
            .getMethod("factory")
            .invoke(Thread::class.java.getMethod("ofVirtual").invoke(null)) as ThreadFactory

    fun start(work: Runnable): Thread = factory.newThread(work).also(Thread::start)

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
