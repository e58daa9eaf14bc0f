// SPDX-License-Identifier: Apache-2.0
package dev.simul.generators

/**
 * A context manager that gives [thing], and closes it in the end.
 *
 * What closing throws replaces the block's exception, as everywhere in Python; with Kotlin's own `use` it is the other way
 * round.
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
