// SPDX-License-Identifier: Apache-2.0
package dev.simul.observe

import dev.simul.Task
import java.util.Collections
import java.util.WeakHashMap

/** Numbers tasks when they are first looked at, each for good. The tasks themselves know nothing of it. */
internal object TaskIds {
    private val ids = Collections.synchronizedMap(WeakHashMap<Task<*>, Long>())
    private var last = 0L

    /** Unique in this JVM, from 1. */
    fun of(task: Task<*>): Long = ids.computeIfAbsent(task) { ++last }
}
