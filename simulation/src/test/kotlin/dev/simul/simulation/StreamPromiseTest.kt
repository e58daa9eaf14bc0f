// SPDX-License-Identifier: Apache-2.0
package dev.simul.simulation

import dev.simul.createTask
import dev.simul.exceptions.TimeoutException
import dev.simul.loop.getRunningLoop
import dev.simul.sleep
import dev.simul.streams.StreamReader
import dev.simul.streams.StreamWriter
import dev.simul.timeout
import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.ints.shouldBeGreaterThan
import io.kotest.matchers.shouldBe
import io.kotest.matchers.shouldNotBe
import java.io.ByteArrayOutputStream
import java.io.IOException
import kotlin.time.Duration.Companion.hours
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.seconds

/** Bytes of which no two parts of some length are the same. */
private fun pattern(
    from: Int,
    size: Int,
) = ByteArray(size) { ((from + it) * 2_654_435_761L ushr 24).toByte() }

/** What one side has sent, and what the other side has received of that. */
private class Stream {
    var sent = 0
        private set
    private val received = ByteArrayOutputStream()
    var isEnded = false
        private set

    suspend fun send(writer: StreamWriter) {
        val random = getRunningLoop().random
        repeat(random.nextInt(40)) {
            val size = 1 + random.nextInt(if (random.nextInt(10) == 0) 100_000 else 100)
            writer.write(pattern(sent, size))
            sent += size
            writer.drain()
            if (random.nextBoolean()) sleep(random.nextInt(300).milliseconds)
        }
        writer.writeEof()
    }

    suspend fun receive(reader: StreamReader) {
        val random = getRunningLoop().random
        while (true) {
            val part = reader.read(1 + random.nextInt(5_000))
            received.write(part)
            if (part.isEmpty()) break
            if (random.nextInt(20) == 0) sleep(random.nextInt(20).milliseconds)
        }
        isEnded = true
    }

    val isKept: Boolean
        get() {
            val whole = received.toByteArray()
            return whole.contentEquals(pattern(0, whole.size)) && (if (isEnded) whole.size == sent else whole.size <= sent)
        }

    override fun toString() = "${received.size()} of $sent${if (isEnded) ", the end" else ""}"
}

private class Run(
    seed: Long,
    schedule: Schedule,
) {
    val up = Stream()
    val down = Stream()
    val failures = mutableListOf<String>()
    private val run = SimulationRun(Choices(seed), schedule)

    init {
        run.run { exchange() }.onFailure { throw AssertionError("seed $seed, $schedule:\n${run.transcript}", it) }
    }

    val hash: Long get() = run.transcript.hash
    val transcript get() = run.transcript

    /** What the client and the server have seen: that all is well, or the first failure. */
    val outcome: String get() = if (up.isEnded && down.isEnded) "whole" else failures.first()

    private suspend fun Simulation.exchange() {
        network.conditions.apply {
            latency = Latency(1.milliseconds, 30.milliseconds).withSpikes(0.01, 2.seconds)
            splits = 0.3
            segmentLoss = 0.02
            resets = 0.002
            halfOpen = 0.001
            bandwidth = 1_000_000
            retransmissionTimeout = 20.seconds
        }
        server { reader, writer -> talk(up, down, reader, writer) }
        sleep(1.seconds)
        val faults = createTask { cutAndHeal() }
        connected { reader, writer -> talk(down, up, reader, writer) }
        faults.cancel()
        network.heal()
        sleep(1.hours)
    }

    private suspend fun Simulation.cutAndHeal() {
        val random = getRunningLoop().random
        while (true) {
            sleep((1_000 + random.nextInt(6_000)).milliseconds)
            if (random.nextBoolean()) network.partition("main", "server") else network.cut("main", "server")
            sleep(random.nextInt(if (random.nextInt(8) == 0) 60_000 else 3_000).milliseconds)
            network.heal()
        }
    }

    /** Receives [incoming] and sends [outgoing] at the same time; gives up after an hour, as the silent side of a broken connection has to. */
    private suspend fun talk(
        incoming: Stream,
        outgoing: Stream,
        reader: StreamReader,
        writer: StreamWriter,
    ) {
        val receiving = createTask { failing { incoming.receive(reader) } }
        failing { outgoing.send(writer) }
        receiving.await()
    }

    private suspend fun failing(block: suspend () -> Unit) {
        try {
            timeout(1.hours / 2) { block() }
        } catch (e: IOException) {
            failures += e.message.orEmpty()
        } catch (e: TimeoutException) {
            failures += "silence"
        }
    }
}

/** TCP's promise, whatever the network does. */
class StreamPromiseTest :
    FunSpec({
        test("what is received is a part of what was sent, from its beginning, and all of it at the end of the stream") {
            val outcomes = HashMap<String, Int>()
            for (seed in 1L..300L) {
                val run = Run(seed, if (seed % 2 == 0L) Schedule.CHAOS else Schedule.ASYNCIO)
                withClue({ "seed $seed: ${run.up} up, ${run.down} down" }) {
                    run.up.isKept shouldBe true
                    run.down.isKept shouldBe true
                }
                outcomes.merge(run.outcome, 1, Int::plus)
            }
            for (outcome in listOf("whole", "Connection reset", "Connection timed out")) {
                withClue(outcomes) { outcomes.getOrDefault(outcome, 0) shouldBeGreaterThan 5 }
            }
        }

        test("the same seed gives the same events, and another one others") {
            for (seed in 1L..20L) {
                val first = Run(seed, Schedule.CHAOS)
                val second = Run(seed, Schedule.CHAOS)
                second.hash shouldBe first.hash
                second.transcript.toString() shouldBe first.transcript.toString()
                Run(seed + 1, Schedule.CHAOS).hash shouldNotBe first.hash
            }
        }
    })
