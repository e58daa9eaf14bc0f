// SPDX-License-Identifier: Apache-2.0
package dev.simul.exceptions

/**
 * Thrown by a generator that has no further value, with the result of its body.
 *
 * It has no stack trace: it is the ordinary end of an iteration, not a failure.
 *
 * Source: `StopIteration`.
 *
 * @property value the result of the generator's body; null if it returned nothing.
 */
public class StopIteration
    @JvmOverloads
    constructor(
        @get:JvmName("value")
        @Transient public val value: Any? = null,
    ) : RuntimeException(value?.toString(), null, true, false)
