// SPDX-License-Identifier: Apache-2.0
package dev.simul.simulation

import dev.simul.createTask
import dev.simul.dispatcher
import dev.simul.loop.getRunningLoop
import dev.simul.sleep
import dev.simul.streams.openConnection
import dev.simul.streams.startServer
import dev.simul.timeout
import dev.simul.toThread
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.delay
import kotlinx.coroutines.launch
import java.io.IOException
import java.util.concurrent.ConcurrentLinkedQueue
import kotlin.time.Duration
import kotlin.time.Duration.Companion.hours
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.seconds

class CrashTest :
    FunSpec({
        test("a crash runs no code of the host, not even finally") {
            val seen = ArrayList<String>()
            simulate(1) {
                val host =
                    host("a") {
                        createTask {
                            try {
                                sleep(2.seconds)
                                seen += "slept"
                            } finally {
                                seen += "cleaned up"
                            }
                        }
                        try {
                            sleep(3.seconds)
                        } finally {
                            seen += "main cleaned up"
                        }
                    }
                sleep(1.seconds)
                host.crash()
                host.isRunning shouldBe false
                sleep(10.seconds)
            }
            seen shouldContainExactly emptyList()
        }

        test("a crash runs no code of kotlinx's coroutines either, in whatever thread") {
            val seen = ConcurrentLinkedQueue<String>()
            simulate(1) {
                val hosts =
                    List(100) { number ->
                        host("host $number") {
                            try {
                                delay(1.hours)
                            } finally {
                                seen += "main $number goes on"
                            }
                        }
                    }
                sleep(1.seconds)
                hosts.forEach { it.crash() }
                sleep(1.seconds)
            }
            seen shouldContainExactly emptyList()
        }

        test("what is left of kotlinx's coroutines when a host ends goes on in the simulation's thread") {
            val seen = ArrayList<Thread>()
            simulate(1) {
                host("a") {
                    CoroutineScope(getRunningLoop().dispatcher).launch {
                        try {
                            delay(1.hours)
                        } finally {
                            seen += Thread.currentThread()
                        }
                    }
                    sleep(1.seconds)
                }.join()
            }
            seen shouldContainExactly listOf(Thread.currentThread())
        }

        test("restart runs main anew, and join waits for it") {
            val seen = ArrayList<String>()
            simulate(1) {
                val host =
                    host("a") {
                        seen += "begins at $now"
                        sleep(2.seconds)
                        seen += "ends at $now"
                    }
                createTask {
                    sleep(1.seconds)
                    host.crash()
                    sleep(4.seconds)
                    host.restart()
                    host.isRunning shouldBe false // Not before this turn is over.
                }
                host.join()
                seen += "joined at $now"
            }
            seen shouldContainExactly listOf("begins at 0s", "begins at 5s", "ends at 7s", "joined at 7s")
        }

        test("restart crashes a host that runs, and starts one that has ended") {
            var begun = 0
            simulate(1) {
                val host =
                    host("a") {
                        begun++
                        sleep(5.seconds)
                    }
                sleep(1.seconds)
                host.restart()
                sleep(1.seconds)
                begun shouldBe 2
                host.join()
                now shouldBe 6.seconds
                sleep(1.seconds)
                host.restart()
                sleep(1.seconds)
                begun shouldBe 3
            }
        }

        test("code that crashes its own host goes no further") {
            val seen = ArrayList<String>()
            simulate(1) {
                lateinit var host: Host
                host =
                    host("a") {
                        createTask { seen += "another task" }
                        seen += "before"
                        host.crash()
                        seen += "after"
                    }
                sleep(1.seconds)
                host.isRunning shouldBe false
            }
            seen shouldContainExactly listOf("before")
        }

        test("a peer hears nothing, and a reset once the host is back") {
            simulate(1) {
                val server = host("server") { startServer("0.0.0.0", 80) { reader, _ -> reader.read() }.serveForever() }
                sleep(1.milliseconds)
                val (reader, writer) = openConnection("server", 80)
                writer.write(byteArrayOf(1))
                server.crash()
                shouldThrow<dev.simul.exceptions.TimeoutException> { timeout(10.seconds) { reader.read(1) } }
                server.restart()
                sleep(1.seconds)
                shouldThrow<IOException> {
                    writer.write(byteArrayOf(2))
                    timeout(60.seconds) { reader.read(1) }
                }
                writer.close()
            }
        }

        test("the work of threads dies with its host") {
            var ran = false
            simulate(1, Schedule.RANDOM) {
                lateinit var host: Host
                host =
                    host("a") {
                        createTask { toThread { ran = true } }
                        sleep(Duration.ZERO)
                        host.crash()
                    }
                sleep(1.seconds)
            }
            // Whether it ran before the crash is a choice; by this seed's it did not.
            ran shouldBe false
        }

        test("what a host had open when it crashed is not left open") {
            simulate(1) {
                val host =
                    host("a") {
                        getRunningLoop().selectorProvider.openSocketChannel()
                        sleep(5.seconds)
                    }
                sleep(1.seconds)
                host.crash()
            }
        }

        test("a restart after the block has ended does not start the host again") {
            var begun = 0
            simulate(1) {
                val host = host("a") { begun++ }
                host("b") {
                    try {
                        sleep(1.seconds)
                    } finally {
                        host.restart()
                    }
                }
                sleep(0.5.seconds)
            }
            begun shouldBe 1
        }

        test("what crashes is in the transcript") {
            val run = SimulationRun(Choices(1), Schedule.ASYNCIO)
            run
                .run {
                    val host = host("a") { sleep(5.seconds) }
                    sleep(1.5.seconds)
                    host.crash()
                    host.restart()
                    sleep(1.seconds)
                }.getOrThrow()
            val lines = run.transcript.toString()
            lines shouldContain "  0s  main  starts"
            lines shouldContain "1.5s  a     crashes"
            lines shouldContain "1.5s  a     starts"
        }
    })
