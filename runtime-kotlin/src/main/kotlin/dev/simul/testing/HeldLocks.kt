// SPDX-License-Identifier: Apache-2.0
package dev.simul.testing

import dev.simul.sync.Condition
import dev.simul.sync.Lock
import dev.simul.sync.Semaphore
import java.util.IdentityHashMap

/** How free the locks, conditions and semaphores in a value are, on their own or in a collection, a pair or a triple. */
internal class HeldLocks private constructor(
    private val holdings: Map<Any, Int>,
) {
    /** Describes those that are less free than [before]. */
    fun since(before: HeldLocks): List<String> =
        holdings.filter { (lock, held) -> held > before.holdings.getValue(lock) }.keys.map { "it is held: $it" }

    companion object {
        fun of(owner: Any?): HeldLocks = HeldLocks(IdentityHashMap<Any, Int>().also { add(owner, it) })

        private fun add(
            owner: Any?,
            to: MutableMap<Any, Int>,
        ) {
            when (owner) {
                is Lock -> to[owner] = if (owner.locked()) 1 else 0
                is Condition -> to[owner] = if (owner.locked()) 1 else 0
                is Semaphore -> to[owner] = -owner.permits
                is Pair<*, *> -> owner.toList().forEach { add(it, to) }
                is Triple<*, *, *> -> owner.toList().forEach { add(it, to) }
                is Map<*, *> -> owner.values.forEach { add(it, to) }
                is Collection<*> -> owner.forEach { add(it, to) }
                is Array<*> -> owner.forEach { add(it, to) }
            }
        }
    }
}
