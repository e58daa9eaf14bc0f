// SPDX-License-Identifier: Apache-2.0
package dev.simul.simulation.knownbugs

import dev.simul.createTask
import dev.simul.loop.getRunningLoop
import dev.simul.simulation.Simulation
import dev.simul.simulation.connected
import dev.simul.simulation.line
import dev.simul.simulation.say
import dev.simul.simulation.server
import dev.simul.sleep
import dev.simul.streams.StreamReader
import dev.simul.streams.StreamWriter
import dev.simul.wait
import kotlin.time.Duration
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.seconds

/** A `waitFor`, of texts. */
internal typealias WaitFor = suspend (limit: Duration, block: suspend () -> String) -> String

/** A display polls a thermometer until it is switched off: then the polling has to end. */
internal suspend fun Simulation.stoppedPoller(waitFor: WaitFor) {
    server("thermometer") { reader, writer -> while (reader.readline().isNotEmpty()) writer.say("21 degrees\n") }
    val display =
        host("display") {
            connected("thermometer") { reader, writer ->
                val polling = createTask { poll(reader, writer, waitFor) }
                sleep(getRunningLoop().random.nextInt(100).milliseconds)
                log("is switched off")
                polling.cancel()
                wait(listOf(polling), timeout = 100.milliseconds)
                check(polling.done()) { "100 ms after it was switched off, the display still polls" }
            }
        }
    display.join()
}

private suspend fun poll(
    reader: StreamReader,
    writer: StreamWriter,
    waitFor: WaitFor,
) {
    while (true) {
        writer.say("read\n")
        waitFor(1.seconds) { reader.line() }
        sleep(10.milliseconds)
    }
}
