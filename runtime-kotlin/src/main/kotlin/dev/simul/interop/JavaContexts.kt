// SPDX-License-Identifier: Apache-2.0
@file:JvmName("JavaContexts")

package dev.simul.interop

import dev.simul.FacadeApi
import dev.simul.loop.ContextCarrier
import dev.simul.loop.EventLoop
import java.util.function.Consumer
import java.util.function.Supplier

/** As [EventLoop.addContextCarrier]. */
@FacadeApi
public fun <T> addContextCarrier(
    loop: EventLoop,
    capture: Supplier<out T>,
    restore: Consumer<in T>,
): ContextCarrier = loop.addContextCarrier(capture::get, restore::accept)
