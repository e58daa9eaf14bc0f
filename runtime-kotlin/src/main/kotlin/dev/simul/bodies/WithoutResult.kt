// SPDX-License-Identifier: Apache-2.0
package dev.simul.bodies

import dev.simul.Awaitable

/** What awaits [awaitable] and gives null: Java has no `Unit`, and calls it `Void`. */
public fun withoutResult(awaitable: Awaitable<*>): Awaitable<Void?> =
    object : Awaitable<Void?> {
        override suspend fun await(): Void? {
            awaitable.await()
            return null
        }
    }
