// SPDX-License-Identifier: Apache-2.0
package dev.simul.context

/**
 * The values of a [Context] at one moment; immutable.
 *
 * Contexts are copied far more often than they are written, and most hold a handful of variables. So a copy shares
 * the bindings, and a write makes new ones: an open-addressed table whose keys and values alternate in one array, at
 * most half full, so that every probe ends at a free slot.
 */
internal class Bindings private constructor(
    @JvmField val size: Int,
    private val slots: Array<Any?>,
) {
    /** The value bound to [variable], or [Missing]. */
    fun find(variable: ContextVar<*>): Any? {
        val slot = slotOf(slots, variable)
        return if (slots[slot] == null) Missing else slots[slot + 1]
    }

    /** These bindings with [variable] bound to [value]. */
    fun with(
        variable: ContextVar<*>,
        value: Any?,
    ): Bindings {
        val slot = slotOf(slots, variable)
        if (slots[slot] != null) return Bindings(size, slots.copyOf().also { it[slot + 1] = value })
        val grown = size + 1
        val isFull = grown * SLOTS_PER_BINDING > slots.size
        val copy = if (isFull) rehashed(slots.size * 2, except = null) else slots.copyOf()
        place(copy, variable, value)
        return Bindings(grown, copy)
    }

    /** These bindings without [variable], which must have a value. */
    fun without(variable: ContextVar<*>): Bindings = if (size == 1) Empty else Bindings(size - 1, rehashed(slots.size, except = variable))

    inline fun forEach(action: (variable: ContextVar<*>, value: Any?) -> Unit) {
        for (slot in slots.indices step 2) {
            action(slots[slot] as ContextVar<*>? ?: continue, slots[slot + 1])
        }
    }

    private fun rehashed(
        capacity: Int,
        except: ContextVar<*>?,
    ): Array<Any?> {
        val copy = arrayOfNulls<Any?>(capacity)
        forEach { variable, value -> if (variable !== except) place(copy, variable, value) }
        return copy
    }

    companion object {
        private const val SLOTS_PER_BINDING = 4

        @JvmField
        val Empty: Bindings = Bindings(0, arrayOfNulls(2 * SLOTS_PER_BINDING))

        private fun place(
            slots: Array<Any?>,
            variable: ContextVar<*>,
            value: Any?,
        ) {
            val slot = slotOf(slots, variable)
            slots[slot] = variable
            slots[slot + 1] = value
        }

        /** The index of [variable], or of the free slot where it would go. */
        private fun slotOf(
            slots: Array<Any?>,
            variable: ContextVar<*>,
        ): Int {
            val mask = slots.size - 1
            var slot = (variable.serial * 2) and mask
            while (slots[slot] != null && slots[slot] !== variable) slot = (slot + 2) and mask
            return slot
        }
    }
}

/** Stands for the absence of a value; null is a value. */
internal object Missing
