// SPDX-License-Identifier: Apache-2.0
package dev.simul.simulation

import dev.simul.channels.channelTo
import dev.simul.createTask
import dev.simul.loop.EventLoop
import dev.simul.loop.getRunningLoop
import dev.simul.queues.QueueShutDown
import dev.simul.sleep
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import kotlin.time.Duration
import kotlin.time.Duration.Companion.hours
import kotlin.time.Duration.Companion.seconds

/** Channels from one loop of a simulation to another; they are memory, which is no network. */
class LoopChannelsTest :
    FunSpec({
        for (schedule in Schedule.entries) {
            test("items go there and back in order, and take no time; the same seed gives the same run: $schedule") {
                for (seed in 1L..10) {
                    val hash = hashOf(seed, schedule) { thereAndBack() }
                    hashOf(seed, schedule) { thereAndBack() } shouldBe hash
                }
            }
        }

        test("the crash of a loop's host closes its end") {
            simulate(1) {
                lateinit var loop: EventLoop
                val receiver =
                    host("receiver") {
                        loop = getRunningLoop()
                        sleep(1.hours)
                    }
                sleep(1.seconds)
                val (sender, _) = getRunningLoop().channelTo<Int>(loop, 1)
                sender.send(1)
                val sending = createTask { sender.send(2) }
                sleep(1.seconds)
                sending.done() shouldBe false
                receiver.crash()
                shouldThrow<QueueShutDown> { sending.await() }.message shouldContain "its receiving end was closed with its loop"
            }
        }
    })

private suspend fun Simulation.thereAndBack() {
    val here = getRunningLoop()
    lateinit var there: EventLoop
    val other =
        host("other") {
            there = getRunningLoop()
            sleep(1.hours)
        }
    sleep(1.seconds)
    val requests = here.channelTo<Int>(there, 3)
    val answers = there.channelTo<Int>(here, 2)
    there.callSoonThreadsafe {
        createTask { requests.receiver.use { answers.sender.use { for (number in requests.receiver) answers.sender.send(-number) } } }
    }
    val sending = createTask { requests.sender.use { repeat(100) { requests.sender.send(it) } } }
    val before = now
    var expected = 0
    for (answer in answers.receiver) {
        answer shouldBe -expected++
        log("$answer")
    }
    expected shouldBe 100
    now - before shouldBe Duration.ZERO
    sending.await()
    other.crash()
}
