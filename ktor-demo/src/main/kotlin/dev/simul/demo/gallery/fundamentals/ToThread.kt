// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.gallery.fundamentals

import dev.simul.createTask
import dev.simul.demo.gallery.run
import dev.simul.sleep
import dev.simul.toThread
import java.util.concurrent.LinkedBlockingQueue
import kotlin.time.Duration

internal fun toThread() =
    run {
        val lines = LinkedBlockingQueue<String>()
        val task = createTask { toThread { lines.take() } }
        for (i in 0..<3) {
            sleep(Duration.ZERO)
            println("The loop goes on: $i")
        }
        lines.put("hello")
        println("The thread returned ${task.await()}")
    }
