// SPDX-License-Identifier: Apache-2.0
package dev.simul.simulation

/**
 * A condition that [Simulation.always] or [Simulation.eventually] was to see has not held. Its stack trace is that of the call which asked
 * for it; its cause is what the condition threw, if it did.
 *
 * asyncio has no equivalent.
 *
 * @property invariant the name of the condition.
 */
public class InvariantViolation internal constructor(
    message: String,
    cause: Throwable?,
    @get:JvmName("invariant") public val invariant: String,
    askedAt: Throwable,
) : AssertionError(message, cause) {
    init {
        stackTrace = askedAt.stackTrace.dropWhile { it.className.startsWith(OWN) || it.className in FACADES }.toTypedArray()
    }

    private companion object {
        private val OWN = Simulation::class.java.name

        /** What Java's calls come through. */
        private val FACADES = setOf("dev.simul.facade.simulation.Simulation")
    }
}
