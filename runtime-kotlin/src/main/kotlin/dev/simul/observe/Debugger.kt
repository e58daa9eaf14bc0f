// SPDX-License-Identifier: Apache-2.0
package dev.simul.observe

import java.lang.management.ManagementFactory

internal object Debugger {
    /** Whether this JVM was started for a debugger, by its arguments. It cannot be told of a JVM without java.management. */
    val mayBeAttached: Boolean by lazy {
        try {
            ManagementFactory.getRuntimeMXBean().inputArguments.any { argument -> AGENTS.any(argument::startsWith) }
        } catch (_: LinkageError) {
            false
        }
    }

    private val AGENTS = listOf("-agentlib:jdwp", "-Xrunjdwp")
}
