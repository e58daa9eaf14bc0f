// SPDX-License-Identifier: Apache-2.0
package dev.simul.conformance

import dev.simul.TaskGroup
import dev.simul.Timeout

/** What one call of a function owns: its open task groups and timeouts, innermost last. */
internal class Frame {
    val groups = ArrayDeque<TaskGroup>()
    val timeouts = ArrayDeque<Timeout>()
}
