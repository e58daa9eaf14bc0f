// SPDX-License-Identifier: Apache-2.0
package dev.simul.loop

/** Where something was made: the stack of a loop's debug mode. */
public class Origin internal constructor() : Throwable("made here")

/** Whether new loops start in debug mode: the system property `simul.debug` or the environment's `SIMUL_DEBUG`. */
internal fun debugByDefault(): Boolean {
    val setting = System.getProperty("simul.debug") ?: System.getenv("SIMUL_DEBUG") ?: return false
    return setting.isEmpty() || (setting != "0" && !setting.equals("false", ignoreCase = true))
}
