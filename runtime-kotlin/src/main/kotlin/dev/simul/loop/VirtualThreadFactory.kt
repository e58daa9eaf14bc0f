// SPDX-License-Identifier: Apache-2.0
package dev.simul.loop

import java.util.concurrent.ThreadFactory

/**
 * Creates virtual threads that inherit nothing from the thread that creates them; null before JDK 21. Uses reflection, since the bytecode
 * is for JDK 17.
 *
 * @param name their name; a number follows if there is a [firstNumber].
 */
internal fun virtualThreadFactory(
    name: String,
    firstNumber: Long? = null,
): ThreadFactory? {
    if (Runtime.version().feature() < FIRST_WITH_VIRTUAL_THREADS) return null
    val builder = Thread::class.java.getMethod("ofVirtual").invoke(null)
    val type = Class.forName("java.lang.Thread\$Builder")
    if (firstNumber == null) {
        type.getMethod("name", String::class.java).invoke(builder, name)
    } else {
        type.getMethod("name", String::class.java, Long::class.java).invoke(builder, name, firstNumber)
    }
    type.getMethod("inheritInheritableThreadLocals", Boolean::class.java).invoke(builder, false)
    return type.getMethod("factory").invoke(builder) as ThreadFactory
}

private const val FIRST_WITH_VIRTUAL_THREADS = 21
