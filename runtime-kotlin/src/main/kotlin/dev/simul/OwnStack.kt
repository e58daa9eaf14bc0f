// SPDX-License-Identifier: Apache-2.0
package dev.simul

import kotlin.coroutines.jvm.internal.CoroutineStackFrame

/** A frame of a coroutine that stands for the stack of a thread, and for the frames on it, the innermost first. */
internal interface OwnStack : CoroutineStackFrame {
    val frames: List<StackTraceElement>
}
