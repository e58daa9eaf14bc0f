// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.gallery.coroutines

import dev.simul.createFuture
import dev.simul.demo.gallery.run
import dev.simul.loop.getRunningLoop
import kotlin.time.Duration.Companion.seconds

internal fun futureFromCallback() =
    run {
        val loop = getRunningLoop()
        val future = loop.createFuture<String>()
        loop.callLater(1.seconds) { future.setResult("the result") }
        println("waiting")
        println(future.await())
    }
