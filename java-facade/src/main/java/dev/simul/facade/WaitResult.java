// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade;

import java.util.Set;

/**
 * What {@link Asyncio#waitOn} found: the very futures it was given, each set in their order.
 *
 * @param <F> what they are, {@code Task<String>} say
 * @param done the futures that are done
 * @param pending those that are not
 */
public record WaitResult<F extends Future<?>>(Set<F> done, Set<F> pending) {}
