// SPDX-License-Identifier: Apache-2.0
@file:JvmName("Items")

package dev.simul.reactivestreams

import dev.simul.generators.AsyncGenerator
import org.reactivestreams.FlowAdapters
import org.reactivestreams.Publisher
import dev.simul.generators.toAsyncGenerator as flowToAsyncGenerator

/**
 * A generator of this publisher's items, which is a `Flow` as well: it subscribes when the first item is requested, and cancels the
 * subscription when it is closed. An error is thrown after the items before it.
 *
 * In Java it is `Asyncio.fromPublisher(FlowAdapters.toFlowPublisher(publisher))`. asyncio has no equivalent.
 *
 * @param prefetch how many items the publisher may send ahead.
 * @throws IllegalArgumentException if [prefetch] is not positive.
 */
public fun <T : Any> Publisher<T>.toAsyncGenerator(prefetch: Int = DEFAULT_PREFETCH): AsyncGenerator<T, Nothing> =
    FlowAdapters.toFlowPublisher(this).flowToAsyncGenerator(prefetch)

private const val DEFAULT_PREFETCH = 16
