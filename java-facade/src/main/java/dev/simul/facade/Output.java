// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade;

import org.jspecify.annotations.Nullable;

/**
 * The output of a child process.
 *
 * <p>Source: the pair that {@code Process.communicate()} returns.
 *
 * @param stdout null if the child's standard output is not a pipe
 * @param stderr null if the child's standard error is not a pipe
 */
public record Output(byte @Nullable [] stdout, byte @Nullable [] stderr) {
    static Output of(dev.simul.process.Output delegate) {
        return new Output(delegate.getStdout(), delegate.getStderr());
    }
}
