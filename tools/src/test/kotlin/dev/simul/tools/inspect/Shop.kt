// SPDX-License-Identifier: Apache-2.0
package dev.simul.tools.inspect

import dev.simul.createTask
import dev.simul.exceptions.CancelledException
import dev.simul.runLoop
import dev.simul.sleep
import dev.simul.sync.Lock
import dev.simul.taskGroup
import dev.simul.toThread
import kotlin.time.Duration.Companion.hours
import kotlin.time.Duration.Companion.milliseconds

/** A program that hangs: two tasks take two locks, each in its own order, and another one refuses to end. It says `ready`, and ends with its input. */
internal object Shop {
    private suspend fun move(
        from: Lock,
        to: Lock,
    ) {
        from.acquire()
        sleep(10.milliseconds)
        to.acquire()
    }

    private suspend fun backUp() {
        while (true) {
            try {
                sleep(1.hours)
            } catch (_: CancelledException) {
                continue
            }
        }
    }

    /** Holds the loop for most of the time. */
    private suspend fun updatePrices() {
        while (true) {
            val end = System.nanoTime() + 6_000_000
            while (System.nanoTime() < end) Thread.onSpinWait()
            sleep(4.milliseconds)
        }
    }

    private suspend fun transfer() {
        val checking = Lock()
        val savings = Lock()
        taskGroup {
            it.createTask(name = "save") { move(checking, savings) }
            it.createTask(name = "spend") { move(savings, checking) }
        }
    }

    private suspend fun open(isBusy: Boolean) {
        createTask(name = "transfer") { transfer() }
        val backup = createTask(name = "backup") { backUp() }
        if (isBusy) createTask(name = "prices") { updatePrices() }
        sleep(50.milliseconds)
        backup.cancel("closing time")
        sleep(10.milliseconds)
        println("ready")
        toThread { System.`in`.readAllBytes() }
        Runtime.getRuntime().halt(0)
    }

    @JvmStatic
    fun main(arguments: Array<String>) = runLoop { open(isBusy = "busy" in arguments) }
}
