// SPDX-License-Identifier: Apache-2.0
package dev.simul.observe

import dev.simul.loop.EventLoop
import dev.simul.runUntilComplete
import dev.simul.sleep
import java.io.File
import java.lang.management.ManagementFactory
import java.lang.ref.WeakReference
import java.net.URLClassLoader
import javax.management.ObjectName
import kotlin.concurrent.thread
import kotlin.io.path.Path
import kotlin.time.Duration.Companion.milliseconds

/** Loads the classes of this library and its tests once more, but for those whose names begin with [hidden]. */
internal class OtherLoader(
    private val hidden: String? = null,
) : URLClassLoader(
        System
            .getProperty("java.class.path")
            .split(File.pathSeparator)
            .map { Path(it).toUri().toURL() }
            .toTypedArray(),
        OtherLoader::class.java.classLoader,
    ) {
    override fun loadClass(
        name: String,
        resolve: Boolean,
    ): Class<*> =
        synchronized(getClassLoadingLock(name)) {
            if (hidden != null && name.startsWith(hidden)) throw ClassNotFoundException(name)
            if (name.startsWith("dev.simul.")) findLoadedClass(name) ?: findClass(name) else super.loadClass(name, resolve)
        }

    /** Runs the [program] that it loads, a class with a constructor without parameters. */
    fun run(program: Class<out Runnable>) = (loadClass(program.name).getConstructor().newInstance() as Runnable).run()
}

internal class ShortProgram : Runnable {
    override fun run() = EventLoop().use { it.runUntilComplete { sleep(1.milliseconds) } }
}

/** Lives until it is shown to other processes, and the observer has listened for recordings. */
internal class LongProgram : Runnable {
    override fun run() = EventLoop().use { it.runUntilComplete { sleep(2_500.milliseconds) } }
}

/** Runs a copy of this library, and waits until that is gone. */
internal object Unloading {
    @JvmStatic
    fun main(arguments: Array<String>) {
        val loader = runCopy()
        val server = ManagementFactory.getPlatformMBeanServer()
        val bean = ObjectName("dev.simul:type=EventLoops")
        println("registered: ${server.isRegistered(bean)}")
        while (server.isRegistered(bean)) Thread.sleep(10)
        while (loader.get() != null) {
            System.gc()
            Thread.sleep(10)
        }
        println("gone")
    }

    /** In a thread that ends, since the frame keeps what it has made, and the thread its current context. */
    private fun runCopy(): WeakReference<OtherLoader> {
        var copy: WeakReference<OtherLoader>? = null
        thread {
            val loader = OtherLoader()
            loader.run(LongProgram::class.java)
            copy = WeakReference(loader)
        }.join()
        return copy!!
    }
}
