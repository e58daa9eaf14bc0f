// SPDX-License-Identifier: Apache-2.0
package dev.simul.generators

/**
 * A context manager that gives [thing], and closes it at the end.
 *
 * An exception thrown by closing replaces the block's, as everywhere in Python; Kotlin's own `use` does the opposite.
 *
 * Source: `contextlib.closing(thing)`.
 */
public fun <C : AutoCloseable> closing(thing: C): ContextManager<C> =
    object : ContextManager<C> {
        override fun enter(): C = thing

        override fun exit(exception: Throwable?): Boolean {
            thing.close()
            return false
        }
    }
