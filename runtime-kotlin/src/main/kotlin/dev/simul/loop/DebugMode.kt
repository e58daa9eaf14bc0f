// SPDX-License-Identifier: Apache-2.0
package dev.simul.loop

/**
 * Where something was made, for a loop in debug mode: the innermost frames of the stack, without those of this library.
 *
 * Source: `asyncio.format_helpers.extract_stack`.
 */
public class Origin internal constructor() : Throwable("made here", null, false, true) {
    init {
        stackTrace =
            StackWalker.getInstance(StackWalker.Option.RETAIN_CLASS_REFERENCE).walk { frames ->
                frames
                    .filter { !LibraryCode.contains(it.declaringClass) }
                    .limit(DEPTH)
                    .map { it.toStackTraceElement() }
                    .toList()
                    .toTypedArray()
            }
    }

    override fun fillInStackTrace(): Throwable = this

    private companion object {
        /** Source: `asyncio.constants.DEBUG_STACK_DEPTH`. */
        const val DEPTH = 10L
    }
}

/** Whether new loops start in debug mode: the system property `simul.debug` or the environment's `SIMUL_DEBUG`. */
internal fun debugByDefault(): Boolean {
    val setting = System.getProperty("simul.debug") ?: System.getenv("SIMUL_DEBUG") ?: return false
    return setting.isEmpty() || (setting != "0" && !setting.equals("false", ignoreCase = true))
}
