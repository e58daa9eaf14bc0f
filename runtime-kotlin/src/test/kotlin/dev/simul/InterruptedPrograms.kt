// SPDX-License-Identifier: Apache-2.0
package dev.simul

import dev.simul.bodies.Carrier
import dev.simul.bodies.VirtualThreads
import dev.simul.bodies.carrier
import dev.simul.exceptions.CancelledException
import dev.simul.exceptions.SystemExit
import dev.simul.interop.awaitInBody
import dev.simul.interop.bodyOf
import dev.simul.loop.RecordedLog
import dev.simul.loop.addSignalHandler
import dev.simul.loop.getRunningLoop
import dev.simul.loop.removeSignalHandler
import dev.simul.testing.VirtualClock
import sun.misc.Signal
import sun.misc.SignalHandler
import java.util.concurrent.CountDownLatch
import kotlin.concurrent.thread
import kotlin.time.Duration
import kotlin.time.Duration.Companion.hours
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.seconds
import dev.simul.run as runLoop

/** The programs that `KeyboardInterruptsTest` interrupts. */
fun main(arguments: Array<String>) = programs.getValue(arguments.single())()

private fun say(line: String) = println(line)

/** Waits, and cleans up when it is cancelled. */
private suspend fun work() {
    try {
        say("ready")
        sleep(1.hours)
    } finally {
        say("cleaning")
        sleep(1.milliseconds)
        say("clean")
    }
}

private suspend fun waitForUsr1() {
    val main = currentTask()!!
    getRunningLoop().addSignalHandler("USR1") { main.cancel() }
    try {
        say("ready")
        sleep(1.hours)
    } catch (_: CancelledException) {
        say("ended")
    }
}

/** Says what is logged when a handler for [signal] is added, and waits for another one. */
private suspend fun askFor(signal: String) {
    val loop = getRunningLoop()
    RecordedLog.during { loop.addSignalHandler(signal) { say("handled") } }.forEach { say(it.message) }
    waitForUsr1()
}

private suspend fun workWithoutEnd() {
    try {
        work()
    } finally {
        try {
            say("cleaning more")
            sleep(1.hours)
        } finally {
            say("cut short")
        }
    }
}

private fun saying(block: () -> Unit) =
    try {
        block()
    } catch (e: Throwable) {
        say("$e, suppressed ${e.suppressed.toList()}")
    }

private fun blockForEver() = CountDownLatch(1).await()

private suspend fun workInBody() {
    val work = coroutine { work() }
    bodyOf { awaitInBody(work) }.await()
}

private fun program(
    name: String,
    block: () -> Unit,
) = name to block

private val programs: Map<String, () -> Unit> =
    mapOf(
        program("catches") {
            saying { runLoop { work() } }
            say("goes on")
        },
        program("does not catch") {
            thread { blockForEver() }
            runLoop { work() }
        },
        program("has a handler for uncaught exceptions") {
            Thread.setDefaultUncaughtExceptionHandler { _, e -> say("uncaught: $e") }
            runLoop { work() }
        },
        program("exits") {
            thread { blockForEver() }
            runLoop { throw SystemExit(7) }
        },
        program("fails") { runLoop { throw ArithmeticException("wrong") } },
        program("takes long to clean up") { saying { runLoop { workWithoutEnd() } } },
        program("refuses") {
            val result =
                runLoop {
                    try {
                        work()
                        "never"
                    } catch (_: CancelledException) {
                        "refused"
                    }
                }
            say(result)
        },
        program("yields") {
            saying {
                runLoop {
                    say("ready")
                    while (true) sleep(Duration.ZERO)
                }
            }
        },
        program("is busy") {
            runLoop {
                say("ready")
                while (true) Thread.onSpinWait()
            }
        },
        program("on virtual time") {
            saying {
                runLoop(loopFactory = { VirtualClock().newLoop() }) {
                    try {
                        say("ready")
                        while (true) sleep(1.hours)
                    } finally {
                        sleep(1.hours)
                        say("clean")
                    }
                }
            }
        },
        program("is cancelled by others too") {
            saying {
                runLoop {
                    val main = currentTask()!!
                    getRunningLoop().addSignalHandler("USR1") { main.cancel() }
                    try {
                        work()
                    } finally {
                        say("cleaning more")
                        try {
                            sleep(1.hours)
                        } catch (_: CancelledException) {
                        }
                    }
                }
            }
        },
        program("is cancelled just before") {
            saying {
                runLoop {
                    val main = currentTask()!!
                    createTask {
                        sleep(Duration.ZERO)
                        main.cancel()
                        Signal.raise(Signal("INT"))
                        Thread.sleep(100)
                    }
                    sleep(1.hours)
                }
            }
        },
        program("ends just before") {
            saying {
                runLoop {
                    Signal.raise(Signal("INT"))
                    Thread.sleep(100)
                }
            }
        },
        program("fails just before") {
            saying {
                runLoop {
                    Signal.raise(Signal("INT"))
                    Thread.sleep(100)
                    throw ArithmeticException("wrong")
                }
            }
        },
        program("waits for a future") {
            Runner().use { runner ->
                val future = runner.loop.createFuture<Unit>()
                runner.loop.callSoon { say("ready") }
                saying { runner.run(future) }
                say("cancelled: ${future.cancelled()}")
                saying { runner.run { work() } }
            }
        },
        program("in another thread") {
            thread { saying { runLoop { work() } } }
            blockForEver()
        },
        program("on a virtual thread") {
            VirtualThreads.start { saying { runLoop { work() } } }
            blockForEver()
        },
        program("in two threads") {
            val first = CountDownLatch(1)
            thread {
                saying {
                    runLoop {
                        first.countDown()
                        work()
                    }
                }
            }
            first.await()
            saying { runLoop { work() } }
            say("goes on")
            blockForEver()
        },
        program("with a handler of its own") {
            val mine = SignalHandler { say("mine") }
            Signal.handle(Signal("INT"), mine)
            runLoop { say("ran") }
            runLoop {
                getRunningLoop().addSignalHandler("USR1") { throw SystemExit(5) }
                work()
            }
        },
        program("with a handler of the loop") {
            saying {
                runLoop {
                    val loop = getRunningLoop()
                    loop.addSignalHandler("INT") {
                        say("handled")
                        loop.removeSignalHandler("INT")
                        say("removed")
                    }
                    work()
                }
            }
        },
        program("after a run") {
            runLoop { say("ran") }
            say("ready")
            blockForEver()
        },
        program("replaced during the run") {
            runLoop { Signal.handle(Signal("INT")) { say("mine") } }
            say("ready")
            blockForEver()
        },
        program("ends when it is told to") {
            runLoop {
                val main = currentTask()!!
                getRunningLoop().addSignalHandler("TERM") { main.cancel() }
                try {
                    work()
                } catch (_: CancelledException) {
                    throw SystemExit(143)
                }
            }
        },
        program("is cancelled when it is told to end") {
            runLoop {
                val main = currentTask()!!
                getRunningLoop().addSignalHandler("SIGTERM") { main.cancel() }
                work()
            }
        },
        program("closed its loop") {
            runLoop { getRunningLoop().addSignalHandler("TERM") { say("never") } }
            say("ready")
            blockForEver()
        },
        program("has no signals") {
            runLoop { say("ran") }
            saying { runLoop { getRunningLoop().addSignalHandler("TERM") {} } }
        },
        program("asks for INT") { saying { runLoop { askFor("INT") } } },
        program("asks for TERM") { runLoop { askFor("TERM") } },
        program("asks for HUP") { runLoop { askFor("HUP") } },
        program("waits for USR1") { runLoop { waitForUsr1() } },
        program("waits") { runLoop { work() } },
    ) +
        Carrier.entries.flatMap { carrier ->
            listOf(
                program("body, $carrier") {
                    saying {
                        runLoop {
                            getRunningLoop().carrier = carrier
                            workInBody()
                        }
                    }
                },
                program("bodies, $carrier") {
                    saying {
                        runLoop {
                            getRunningLoop().carrier = carrier
                            createTask { bodyOf { while (true) awaitInBody(coroutine { sleep(1.milliseconds) }) }.await() }
                            val work = coroutine { workWithoutEnd() }
                            bodyOf { awaitInBody(work) }.await()
                        }
                    }
                },
            )
        }
