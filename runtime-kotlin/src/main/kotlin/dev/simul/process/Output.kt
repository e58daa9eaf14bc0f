// SPDX-License-Identifier: Apache-2.0
package dev.simul.process

/**
 * All that a child has written.
 *
 * Source: the pair that `Process.communicate` returns.
 *
 * @property stdout null if the child's standard output is no pipe.
 * @property stderr null if the child's standard error is no pipe.
 */
public class Output internal constructor(
    public val stdout: ByteArray?,
    public val stderr: ByteArray?,
) {
    /** [stdout]. */
    public operator fun component1(): ByteArray? = stdout

    /** [stderr]. */
    public operator fun component2(): ByteArray? = stderr
}
