// SPDX-License-Identifier: Apache-2.0
package dev.simul.generators

/**
 * Where a [Generator] is in its life.
 *
 * Source: what `inspect.getgeneratorstate` returns.
 */
public enum class GeneratorState {
    /** The body has not begun; CPython's `GEN_CREATED`. */
    CREATED,

    /** The body is running now, or what it delegates to is; CPython's `GEN_RUNNING`. */
    RUNNING,

    /** The body waits at a yield; CPython's `GEN_SUSPENDED`. */
    SUSPENDED,

    /** The body has ended, or never will begin; CPython's `GEN_CLOSED`. */
    CLOSED,
}
