// SPDX-License-Identifier: Apache-2.0
package dev.simul.simulation

/** The beginning and the factor of the hash FNV-1a, of 64 bits. */
internal object Fnv {
    const val BASIS: Long = -0x340d631b7bdddcdbL
    const val PRIME: Long = 0x100000001b3L
}
