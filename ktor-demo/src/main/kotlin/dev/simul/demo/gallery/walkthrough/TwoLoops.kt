// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.gallery.walkthrough

import dev.simul.demo.gallery.run
import dev.simul.loop.getRunningLoop
import dev.simul.toThread

internal fun twoLoops() =
    run {
        val here = getRunningLoop()
        val there = toThread { run { getRunningLoop() } }
        println(if (here === there) "One loop." else "Two loops, each in a thread of its own.")
    }
