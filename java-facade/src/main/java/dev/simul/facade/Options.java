// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade;

import java.util.function.Consumer;

/**
 * Options of which each method returns a changed copy.
 *
 * @param <O> the class of the options itself, which is final
 */
abstract class Options<O extends Options<O>> implements Cloneable {
    /** A copy, after {@code change}; nobody else has the copy before. */
    @SuppressWarnings("unchecked")
    final O with(Consumer<O> change) {
        try {
            var changed = (O) super.clone();
            change.accept(changed);
            return changed;
        } catch (CloneNotSupportedException e) {
            throw new AssertionError(e);
        }
    }
}
