// SPDX-License-Identifier: Apache-2.0
package dev.simul.observe.jmx

import java.lang.management.ManagementFactory
import java.util.function.Supplier

/**
 * Registers the MBean, in the observer's thread and late, since the first use of the platform's MBean server takes a processor for some
 * hundred milliseconds. See [dev.simul.loop.OpenLoops].
 */
internal object LateRegistration : Supplier<AutoCloseable?> {
    /** Returns what takes it back; null if it fails. Says nothing if it fails: the program is none the worse for it, and has not asked for it. */
    override fun get(): AutoCloseable? {
        try {
            val server = ManagementFactory.getPlatformMBeanServer()
            val name = EventLoopsBean.registerIn(server)
            return AutoCloseable { runCatching { server.unregisterMBean(name) } }
        } catch (_: LinkageError) {
            // An image without java.management.
        } catch (_: Exception) {
            // A JVM that forbids it.
        }
        return null
    }
}
