// SPDX-License-Identifier: Apache-2.0
package dev.simul.process

/**
 * The complete output of a child.
 *
 * Source: the pair that `Process.communicate` returns.
 *
 * @property stdout null if the child's standard output is not a pipe.
 * @property stderr null if the child's standard error is not a pipe.
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
