// SPDX-License-Identifier: Apache-2.0
package dev.simul.house

/** How long tests of endurance and random searches go on: a tenth of the way in every build, and all of it by `.ci/soak`. */
object Soak {
    /** Whether it is all of it. */
    @JvmStatic
    val isFull: Boolean = System.getProperty("simul.soak") == "true"

    /** [full] of whatever it is, or a tenth. */
    @JvmStatic
    fun of(full: Int): Int = if (isFull) full else full / PART

    /** How much longer than others such a test may take. */
    internal val patience: Int get() = if (isFull) PART else 1

    private const val PART = 10
}
