// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade;

import org.jspecify.annotations.Nullable;

/**
 * All that a child has written.
 *
 * <p>Source: the pair that {@code Process.communicate()} returns.
 *
 * @param stdout null if the child's standard output is no pipe
 * @param stderr null if the child's standard error is no pipe
 */
public record Output(byte @Nullable [] stdout, byte @Nullable [] stderr) {
    static Output of(dev.simul.process.Output delegate) {
        return new Output(delegate.getStdout(), delegate.getStderr());
    }
}
