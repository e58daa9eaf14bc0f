// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade;

/** When {@link Asyncio#waitOn} has waited long enough. */
public enum ReturnWhen {
    /** When all futures are done. CPython name: {@code asyncio.ALL_COMPLETED}. */
    ALL_COMPLETED(dev.simul.ReturnWhen.ALL_COMPLETED),

    /** When one is done. CPython name: {@code asyncio.FIRST_COMPLETED}. */
    FIRST_COMPLETED(dev.simul.ReturnWhen.FIRST_COMPLETED),

    /** When one has failed, or all are done; a cancellation is no failure. CPython name: {@code asyncio.FIRST_EXCEPTION}. */
    FIRST_EXCEPTION(dev.simul.ReturnWhen.FIRST_EXCEPTION);

    final dev.simul.ReturnWhen source;

    ReturnWhen(dev.simul.ReturnWhen source) {
        this.source = source;
    }
}
