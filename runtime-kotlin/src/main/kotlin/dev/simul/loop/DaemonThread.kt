// SPDX-License-Identifier: Apache-2.0
package dev.simul.loop

import java.util.concurrent.ThreadFactory
import java.util.concurrent.atomic.AtomicInteger

/**
 * The platform thread of the runtime: a daemon that inherits nothing from the thread that creates it.
 *
 * @param stackSize in bytes; 0 leaves it to the JVM.
 */
internal open class DaemonThread(
    name: String,
    stackSize: Long = 0,
    classLoader: ClassLoader? = ClassLoader.getSystemClassLoader(),
    work: Runnable,
) : Thread(null, work, name, stackSize, false) {
    init {
        isDaemon = true
        priority = NORM_PRIORITY
        contextClassLoader = classLoader
    }
}

/**
 * Creates [DaemonThread]s named [prefix] and a number, starting at [first].
 *
 * @param classLoader returns the context class loader of each thread.
 */
internal class DaemonThreads(
    private val prefix: String,
    first: Int = 1,
    private val stackSize: Long = 0,
    private val classLoader: () -> ClassLoader? = ClassLoader::getSystemClassLoader,
) : ThreadFactory {
    private val numbers = AtomicInteger(first)

    override fun newThread(work: Runnable): Thread = DaemonThread(prefix + numbers.getAndIncrement(), stackSize, classLoader(), work)
}
