// SPDX-License-Identifier: Apache-2.0
package dev.simul.generators

/**
 * The state of a [Generator].
 *
 * Source: the results of `inspect.getgeneratorstate`.
 */
public enum class GeneratorState {
    /** The body has not begun; CPython's `GEN_CREATED`. */
    CREATED,

    /** The body is running now, or the generator that it delegates to is; CPython's `GEN_RUNNING`. */
    RUNNING,

    /** The body waits at a yield; CPython's `GEN_SUSPENDED`. */
    SUSPENDED,

    /** The body has ended, or will never begin; CPython's `GEN_CLOSED`. */
    CLOSED,
}
