// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade;

import java.util.Set;

/**
 * The result of {@link Asyncio#waitOn}: the futures that it was given, each set in their order.
 *
 * @param <F> the type of the futures, for example {@code Task<String>}
 * @param done the futures that are done
 * @param pending the futures that are not
 */
public record WaitResult<F extends Future<?>>(Set<F> done, Set<F> pending) {}
