// SPDX-License-Identifier: Apache-2.0
package dev.simul.simulation.replay

import dev.simul.exceptions.TimeoutException
import dev.simul.loop.getRunningLoop
import dev.simul.simulation.Host
import dev.simul.simulation.Latency
import dev.simul.simulation.SimulatedProgram
import dev.simul.simulation.Simulation
import dev.simul.simulation.connected
import dev.simul.simulation.line
import dev.simul.simulation.receiver
import dev.simul.simulation.say
import dev.simul.simulation.sender
import dev.simul.simulation.server
import dev.simul.sleep
import dev.simul.streams.StreamReader
import dev.simul.streams.StreamWriter
import dev.simul.sync.Lock
import dev.simul.taskGroup
import dev.simul.timeout
import dev.simul.toThread
import java.io.IOException
import java.util.zip.CRC32
import kotlin.random.Random
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.seconds

/** A bit of all that a simulation has: streams, datagrams, timers, locks, threads, and all kinds of faults. */
internal class Town : SimulatedProgram {
    override suspend fun Simulation.run() {
        badNetwork()
        var heard = 0
        receiver("clock") { heard++ }
        val lock = Lock()
        val bank = server("bank") { reader, writer -> serve(reader, writer, lock) }
        val citizens = List(4) { number -> host("citizen$number") { live(number) } }
        repeat(4) { trouble(listOf(bank) + citizens) }
        network.heal()
        citizens.filter { it.isRunning }.forEach { it.join() }
        log("the clock has heard $heard datagrams")
    }

    private fun Simulation.badNetwork() =
        network.conditions.apply {
            latency = Latency(1.milliseconds, 20.milliseconds).withSpikes(0.05, longest = 300.milliseconds)
            bandwidth = 1_000_000
            splits = 0.2
            segmentLoss = 0.05
            refusals = 0.02
            resets = 0.01
            halfOpen = 0.005
            acceptDelay = Latency(1.milliseconds, 5.milliseconds)
            datagramLoss = 0.1
            datagramDuplication = 0.1
            datagramReordering = 0.2
            connectTimeout = 2.seconds
            retransmissionTimeout = 5.seconds
        }

    /** Answers each line with its checksum. */
    private suspend fun Simulation.serve(
        reader: StreamReader,
        writer: StreamWriter,
        lock: Lock,
    ) {
        try {
            while (true) {
                val line = reader.line().ifEmpty { break }
                val sum = lock.use { toThread { CRC32().apply { update(line.encodeToByteArray()) }.value } }
                writer.say("$sum\n")
            }
        } catch (e: IOException) {
            log("a client is gone")
        }
    }

    private suspend fun Simulation.live(number: Int) {
        val random = getRunningLoop().random
        repeat(4) { round ->
            sleep(random.nextInt(400).milliseconds)
            taskGroup { group ->
                group.createTask { tick(random) }
                group.createTask { pay(number, round, random) }
            }
        }
    }

    private suspend fun tick(random: Random) =
        sender("clock") { endpoint ->
            repeat(random.nextInt(5)) {
                endpoint.sendto(random.nextBytes(1 + random.nextInt(50)))
                sleep(random.nextInt(30).milliseconds)
            }
        }

    private suspend fun Simulation.pay(
        number: Int,
        round: Int,
        random: Random,
    ) {
        val how =
            try {
                timeout(3.seconds) {
                    connected("bank") { reader, writer ->
                        repeat(1 + random.nextInt(3)) {
                            writer.say("citizen $number pays ${random.nextInt(1_000)}" + " again".repeat(random.nextInt(2_000)) + "\n")
                            if (random.nextBoolean()) sleep(random.nextInt(20).milliseconds)
                        }
                        "sum ${reader.line()}"
                    }
                }
            } catch (_: TimeoutException) {
                "timeout"
            } catch (_: IOException) {
                "failure"
            }
        log("payment $round: $how")
    }

    private suspend fun Simulation.trouble(hosts: List<Host>) {
        val random = getRunningLoop().random
        sleep(random.nextInt(700).milliseconds)
        val host = hosts[random.nextInt(hosts.size)]
        when (random.nextInt(7)) {
            0 -> host.crash()
            1 -> host.restart()
            2 -> host.pause(random.nextInt(2_000).milliseconds)
            3 -> host.clockSkew = (random.nextInt(2_000) - 1_000).milliseconds
            4 -> network.partition("citizen${random.nextInt(4)}", "bank")
            5 -> network.cut("bank", "citizen${random.nextInt(4)}")
            else -> network.heal()
        }
    }
}
