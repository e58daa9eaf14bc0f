// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.gallery.fundamentals

import dev.simul.demo.gallery.run

private suspend fun work() {
    println("Running")
}

private fun foo() = run { work() }

internal fun nestedRun() {
    foo()
    run {
        try {
            foo()
        } catch (e: IllegalStateException) {
            println(e.message)
        }
    }
}
