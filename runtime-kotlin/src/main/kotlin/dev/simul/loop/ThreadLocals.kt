// SPDX-License-Identifier: Apache-2.0
package dev.simul.loop

import java.lang.invoke.MethodHandle
import java.lang.invoke.MethodHandles
import java.lang.reflect.Field

/**
 * All [ThreadLocal]s of a thread, which the JDK keeps in two of the thread's fields.
 *
 * The fields are reached by reflection if the JDK is open for it, otherwise by `sun.misc.Unsafe`. From JDK 24 on, `Unsafe` writes a warning
 * to standard error, so it is not used there.
 */
internal object ThreadLocals {
    private val clearing: ((Thread) -> Unit)? = clearing(fields())

    val canBeCleared: Boolean get() = clearing != null

    /** Removes all thread-local values of the calling thread. */
    fun clear() {
        clearing!!(Thread.currentThread())
    }

    private fun fields(): List<Field> =
        try {
            listOf("threadLocals", "inheritableThreadLocals").map { Thread::class.java.getDeclaredField(it) }
        } catch (_: NoSuchFieldException) {
            emptyList() // This JDK's fields are different.
        }

    private fun clearing(fields: List<Field>): ((Thread) -> Unit)? =
        when {
            fields.isEmpty() -> null
            fields.all { it.trySetAccessible() } -> { thread -> fields.forEach { it.set(thread, null) } }
            Runtime.version().feature() < FIRST_TO_WARN -> unsafely(fields)
            else -> null
        }

    /** Null if the module `jdk.unsupported` is absent or forbidden. */
    private fun unsafely(fields: List<Field>): ((Thread) -> Unit)? =
        try {
            val type = Class.forName("sun.misc.Unsafe")
            val unsafe = type.getDeclaredField("theUnsafe").apply { isAccessible = true }.get(null)
            val offsetOf = type.getMethod("objectFieldOffset", Field::class.java)
            val (first, second) = fields.map { offsetOf.invoke(unsafe, it) as Long }
            val put = MethodHandles.lookup().unreflect(type.getMethod("putObject", Any::class.java, Long::class.java, Any::class.java))
            putsNull(put.bindTo(unsafe), first, second)
        } catch (_: ReflectiveOperationException) {
            null
        }

    private fun putsNull(
        put: MethodHandle,
        first: Long,
        second: Long,
    ): (Thread) -> Unit =
        { thread ->
            put.invoke(thread as Any, first, null as Any?)
            put.invoke(thread as Any, second, null as Any?)
        }

    private const val FIRST_TO_WARN = 24
}
