// SPDX-License-Identifier: Apache-2.0
package dev.simul.simulation

import dev.simul.createFuture
import dev.simul.createTask
import dev.simul.currentTask
import dev.simul.exceptions.CancelledException
import dev.simul.exceptions.SystemExit
import dev.simul.loop.EventLoop
import dev.simul.loop.getRunningLoop
import dev.simul.loop.simulation
import dev.simul.net.connectAcceptedSocket
import dev.simul.net.sockAccept
import dev.simul.runCoroutineThreadsafe
import dev.simul.sleep
import dev.simul.streams.StreamReader
import dev.simul.streams.StreamReaderProtocol
import dev.simul.toThread
import dev.simul.wrapFuture
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.collections.shouldContainExactlyInAnyOrder
import io.kotest.matchers.ints.shouldBeGreaterThan
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.types.shouldBeInstanceOf
import java.net.InetSocketAddress
import kotlin.time.Duration
import kotlin.time.Duration.Companion.hours
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.seconds

class HostLoopsTest :
    FunSpec({
        test("a host remembers loops that are open, and the last one of each name") {
            simulate {
                val host =
                    host("server") {
                        repeat(5) {
                            startLoop("worker-1", {}) {}
                            startLoop("worker-2", {}) { sleep(1.hours) }
                            sleep(1.seconds)
                        }
                    }
                sleep(10.milliseconds)
                for (count in 1..5) {
                    host.processes.size shouldBe 2 + count
                    host.loop("worker-1").isRunning shouldBe false
                    sleep(1.seconds)
                }
            }
        }

        test("a host's code starts a further loop of the host, which ends when its main has") {
            val seen = ArrayList<String>()
            val lines =
                transcriptOf {
                    val host =
                        host("server") {
                            val loop = getRunningLoop()
                            startLoop("worker-1", { seen += "ended at $now with $it" }) {
                                (getRunningLoop() === loop) shouldBe false
                                createTask {
                                    try {
                                        sleep(1.hours)
                                    } finally {
                                        seen += "its other task is cancelled at $now"
                                    }
                                }
                                sleep(1.seconds)
                                log("hello")
                            }
                            sleep(5.seconds)
                        }
                    sleep(0.5.seconds)
                    host.loops.map { "$it" } shouldContainExactly listOf("<HostLoop server/worker-1>")
                    host.loop("worker-1").isRunning shouldBe true
                    sleep(1.seconds)
                    host.loops shouldBe emptyList()
                    host.loop("worker-1").isRunning shouldBe false
                    shouldThrow<NoSuchElementException> { host.loop("worker-2") }.message shouldContain "[server/worker-1]"
                }
            seen shouldContainExactly listOf("its other task is cancelled at 1s", "ended at 1s with null")
            lines shouldContain "server/worker-1  hello"
            lines shouldContain "server/worker-1  main ends"
        }

        test("what a loop's main has thrown is told, and what has left the loop, and nothing else ends by it") {
            val ends = ArrayList<Throwable?>()
            simulate(1) {
                host("server") {
                    startLoop("fails", ends::add) { throw IllegalStateException("no") }
                    startLoop("exits", ends::add) { throw SystemExit(3) }
                    startLoop("cancelled", ends::add) { currentTask()!!.cancel().also { sleep(1.seconds) } }
                    sleep(1.seconds)
                }.join()
            }
            val classes = ends.map { it!!::class }
            classes shouldContainExactlyInAnyOrder listOf(IllegalStateException::class, SystemExit::class, CancelledException::class)
        }

        test("a paused loop does nothing, while the others of its host and its own threads go on") {
            val seen = ArrayList<String>()
            simulate(1) {
                val host =
                    host("server") {
                        startLoop("worker-1") {
                            createTask { toThread { seen += "thread at $now" } }
                            repeat(3) {
                                sleep(1.seconds)
                                seen += "worker at $now"
                            }
                        }
                        sleep(2.seconds)
                        seen += "main at $now"
                        sleep(20.seconds)
                    }
                sleep(1.5.seconds)
                host.loop("worker-1").pause(5.seconds)
                host.loop("worker-1").pause(2.seconds)
                shouldThrow<IllegalArgumentException> { host.loop("worker-1").pause((-1).seconds) }
                host.join()
            }
            seen shouldContainExactly listOf("thread at 0s", "worker at 1s", "main at 2s", "worker at 6.5s", "worker at 7.5s")
        }

        test("a pause of the host holds all its loops, and one that a loop has besides goes on after it") {
            val seen = ArrayList<String>()
            simulate(1) {
                val host =
                    host("server") {
                        for (name in listOf("a", "b")) {
                            startLoop(name) {
                                sleep(1.seconds)
                                seen += "$name at $now"
                            }
                        }
                        sleep(20.seconds)
                    }
                sleep(0.5.seconds)
                host.loop("a").pause(9.seconds)
                host.pause(3.seconds)
                host.join()
            }
            seen shouldContainExactly listOf("b at 3.5s", "a at 9.5s")
        }

        test("a crash of the host takes all its loops, whoever calls it, and a restart begins without them") {
            val seen = ArrayList<String>()
            simulate(1) {
                lateinit var host: Host
                host =
                    host("server") {
                        if (now > Duration.ZERO) return@host sleep(10.seconds)
                        startLoop("a", { seen += "a ended" }) {
                            try {
                                sleep(10.seconds)
                            } finally {
                                seen += "a cleans up"
                            }
                        }
                        startLoop("b", { seen += "b ended" }) {
                            sleep(1.seconds)
                            host.crash()
                            seen += "b goes on"
                        }
                        sleep(10.seconds)
                        seen += "main goes on"
                    }
                sleep(2.seconds)
                host.isRunning shouldBe false
                host.loops shouldBe emptyList()
                host.restart()
                sleep(1.seconds)
                host.isRunning shouldBe true
                shouldThrow<NoSuchElementException> { host.loop("a") }
                sleep(20.seconds)
            }
            seen shouldBe emptyList()
        }

        test("the loops of a host end when its main has, even one that is paused, and before the simulation does") {
            val seen = ArrayList<String>()
            simulate(1) {
                val host =
                    host("server") {
                        repeat(2) { number ->
                            startLoop("worker-$number", { seen += "$number ended by $it" }) {
                                try {
                                    sleep(1.hours)
                                } finally {
                                    seen += "$number cleans up"
                                }
                            }
                        }
                        sleep(1.seconds)
                    }
                sleep(0.5.seconds)
                host.loop("worker-1").pause(Duration.INFINITE)
                host.join()
                sleep(1.seconds)
                host.loops shouldBe emptyList()
                seen.size shouldBe 4
            }
            seen.map { it.substringBefore(" by") } shouldContainExactly listOf("0 cleans up", "1 cleans up", "0 ended", "1 ended")
        }

        test("a socket that a loop leaves open is found when the host has ended") {
            shouldThrow<Throwable> {
                simulate(1) {
                    host("server") {
                        startLoop("a") { getRunningLoop().selectorProvider.openSocketChannel() }
                        sleep(1.seconds)
                    }.join()
                }
            }.message shouldContain "host server has left 1 socket(s) open"
        }

        test("connections that one loop accepts are served by others, by the host's clock and address") {
            val served = HashMap<String, Int>()
            simulate(7, Schedule.CHAOS) {
                val host = host("server") { dealTo(3) { name -> served.merge(name, 1, Int::plus) } }
                host.clockSkew = 1.hours
                sleep(1.milliseconds)
                repeat(9) { number -> connected { reader, writer -> writer.say("$number\n").also { reader.line() shouldBe "$number" } } }
                host.crash()
            }
            served.keys shouldBe setOf("worker-0", "worker-1", "worker-2")
        }

        test("a coroutine that one loop hands to another runs there, and its result comes back") {
            simulate(3, Schedule.RANDOM) {
                host("server") {
                    val loop = startLoop("worker") { sleep(1.hours) }
                    val answer = runCoroutineThreadsafe(loop) { sleep(1.seconds).let { getRunningLoop() } }
                    (wrapFuture(answer).await() === loop) shouldBe true
                    now shouldBe 1.seconds
                }.join()
            }
        }

        test("the order in which loops of a host run is a choice, and the same again from the same seed") {
            val orders = HashSet<String>()
            for (seed in 1L..200) {
                val program: suspend Simulation.() -> Unit = { orders += orderOfThree() }
                hashOf(seed, Schedule.RANDOM, program) shouldBe hashOf(seed, Schedule.RANDOM, program)
            }
            orders.size shouldBe 6
            hashOf(1, Schedule.ASYNCIO) { orderOfThree() shouldBe "a b c" }
        }

        test("only code of a host starts a loop") {
            simulate(1) {
                val simulation = getRunningLoop().simulation!!
                val failed = getRunningLoop().createFuture<Throwable>()
                val loop = getRunningLoop()
                simulation.runLater {
                    val failure = runCatching { simulation.startLoop("a", {}) {} }.exceptionOrNull()!!
                    loop.callSoonThreadsafe { failed.setResult(failure) }
                }
                failed.await().shouldBeInstanceOf<IllegalStateException>().message shouldContain "only code of a host"
            }
        }

        test("a loop that never rests is reported by its name") {
            val failure =
                shouldThrow<AssertionError> {
                    simulate(1) {
                        host("server") {
                            startLoop("busy") { while (true) sleep(Duration.ZERO) }
                            sleep(1.seconds)
                        }
                        sleep(1.hours)
                    }
                }
            failure.message shouldContain "turns of host server/busy"
            failure.message!!.lines().size shouldBeGreaterThan 1
        }
    })

private fun startLoop(
    name: String,
    ended: (Throwable?) -> Unit = {},
    main: suspend () -> Unit,
): EventLoop = getRunningLoop().simulation!!.startLoop(name, main, ended)

private fun transcriptOf(block: suspend Simulation.() -> Unit): String {
    val run = SimulationRun(Choices(1), Schedule.ASYNCIO)
    run.run(block).getOrThrow()
    return run.transcript.toString()
}

/** Accepts connections on port 80 and deals them to loops in turn, each of which answers one line. */
private suspend fun dealTo(
    workers: Int,
    served: (String) -> Unit,
) {
    val loops = List(workers) { number -> startLoop("worker-$number") { sleep(1.hours) } }
    val listener = getRunningLoop().selectorProvider.openServerSocketChannel()
    listener.use {
        listener.bind(InetSocketAddress(80)).configureBlocking(false)
        var next = 0
        while (true) {
            val accepted = getRunningLoop().sockAccept(listener)
            val number = next++ % workers
            runCoroutineThreadsafe(loops[number]) {
                getRunningLoop().connectAcceptedSocket(accepted) {
                    StreamReaderProtocol(StreamReader()) { reader, writer ->
                        writer.write(reader.readline())
                        writer.close()
                        served("worker-$number")
                    }
                }
            }
        }
    }
}

/** The order in which three loops have their first turns. */
private suspend fun Simulation.orderOfThree(): String {
    val order = ArrayList<String>()
    host("server") {
        for (name in listOf("a", "b", "c")) startLoop(name) { order += name }
        sleep(1.seconds)
    }.join()
    return order.joinToString(" ")
}
