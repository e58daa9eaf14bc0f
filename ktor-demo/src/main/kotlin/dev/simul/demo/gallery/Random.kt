// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.gallery

/** Python's module `random`: numbers for the whole program, the same ones after each [seed]. */
internal object Random {
    private lateinit var random: PythonRandom

    /** Begins anew. Source: `random.seed`. */
    @JvmStatic
    fun seed(seed: Int) {
        random = PythonRandom(seed)
    }

    /** A whole number from [low] to [high], both included. Source: `random.randint`. */
    @JvmStatic
    fun randint(
        low: Int,
        high: Int,
    ): Int = random.randint(low, high)

    /** A number from [low] to [high]. Source: `random.uniform`. */
    @JvmStatic
    fun uniform(
        low: Double,
        high: Double,
    ): Double = random.uniform(low, high)
}
