// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.gallery.simulation.store

/** The store has not kept what it promises; the [story] tells how that came about. */
internal class StoreFailure(
    message: String,
    val story: Story,
) : AssertionError(message) {
    private companion object {
        private const val serialVersionUID = 1L
    }
}
