// SPDX-License-Identifier: Apache-2.0
package dev.simul.observe.jmx

import dev.simul.sleep
import dev.simul.toThread
import kotlin.time.Duration.Companion.seconds
import dev.simul.run as runLoop

/** A program that lives longer than it takes to be registered, and names no class of `java.management`. */
internal object Unobserved {
    @JvmStatic
    fun main(arguments: Array<String>) {
        println("management: ${ModuleLayer.boot().findModule("java.management").isPresent}")
        runLoop {
            sleep(1.seconds)
            toThread { awaitSleepOfObserver() }
            println("the observer sleeps")
        }
    }
}
