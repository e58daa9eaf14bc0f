// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.gallery.coroutines

import dev.simul.coroutine
import dev.simul.demo.gallery.Time.strftime
import dev.simul.demo.gallery.run

private suspend fun nested() {
    println("something")
}

internal fun neverAwaited() =
    run(debug = true) {
        // A call that waits to be awaited: nested() in Python.
        coroutine { nested() }
        println("finished at ${strftime()}")

        nested()
    }
