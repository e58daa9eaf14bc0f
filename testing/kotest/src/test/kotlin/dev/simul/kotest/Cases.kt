// SPDX-License-Identifier: Apache-2.0
package dev.simul.kotest

import dev.simul.createTask
import dev.simul.currentTask
import dev.simul.loop.EventLoop
import dev.simul.loop.getRunningLoop
import dev.simul.loop.getRunningLoopOrNull
import dev.simul.sleep
import dev.simul.streams.openConnection
import dev.simul.streams.startServer
import dev.simul.sync.Event
import dev.simul.taskGroup
import dev.simul.testing.ReportedErrors
import dev.simul.testing.expect
import dev.simul.testing.network.MemoryNetwork
import io.kotest.assertions.assertSoftly
import io.kotest.core.spec.style.BehaviorSpec
import io.kotest.core.spec.style.FunSpec
import io.kotest.core.spec.style.StringSpec
import io.kotest.matchers.nulls.shouldBeNull
import io.kotest.matchers.shouldBe
import kotlinx.coroutines.delay
import kotlinx.coroutines.launch
import java.io.IOException
import java.net.InetSocketAddress
import kotlin.time.Duration.Companion.hours
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.seconds

// Specs that the tests run: some of their tests fail.

internal val events = ArrayList<String>()
private val loops = HashSet<EventLoop>()

class VirtualCases :
    FunSpec({
        extension(SimulExtension())
        beforeTest {
            getRunningLoopOrNull().shouldBeNull()
            events += "before"
        }

        test("an hour passes at once") {
            sleep(1.hours)
            getRunningLoop().time() shouldBe 1.hours
            loops.add(getRunningLoop()) shouldBe true
            events += currentTask()!!.name
        }

        context("a container") {
            getRunningLoopOrNull().shouldBeNull()

            test("has tests with loops of their own") {
                taskGroup { group -> group.createTask { sleep(1.hours) } }
                loops.add(getRunningLoop()) shouldBe true
            }
        }

        test("kotlinx's coroutines run on the loop too") {
            launch {
                delay(1.hours)
                events += "launched at ${getRunningLoop().time()}"
            }
            sleep(2.hours)
        }

        test("each invocation has a loop").config(invocations = 3) {
            getRunningLoop().time() shouldBe 0.seconds
            sleep(1.hours)
        }

        test("real time, by a narrower extension").config(extensions = listOf(SimulExtension(realTime = true))) {
            val server =
                startServer("127.0.0.1", 0) { reader, writer ->
                    writer.write(reader.readline())
                    writer.close()
                }
            val (reader, writer) = openConnection("127.0.0.1", (server.addresses.first() as InetSocketAddress).port)
            writer.write("hello\n".toByteArray())
            reader.readline().decodeToString() shouldBe "hello\n"
            writer.close()
        }

        test("soft assertions are collected") {
            assertSoftly {
                1 shouldBe 2
                sleep(1.seconds)
                3 shouldBe 4
            }
        }
    })

class StyleCases :
    StringSpec({
        extension(SimulExtension())

        "a string" {
            sleep(1.hours)
            events += "string"
        }
    })

class BehaviorCases :
    BehaviorSpec({
        extension(SimulExtension())

        given("a given") {
            `when`("it happens") {
                then("it sleeps") {
                    sleep(1.hours)
                    events += "then"
                }
            }
        }
    })

class FailureCases :
    FunSpec({
        extension(SimulExtension())

        test("throws") {
            sleep(1.hours)
            throw IOException("boom")
        }

        test("forgotten") {
            createTask<Unit>(name = "forgotten") { throw IOException("boom") }
            sleep(1.seconds)
        }

        test("expected") {
            ReportedErrors.ofRunningTest().expect<IOException>()
            createTask<Unit> { throw IOException("boom") }
        }

        test("stuck") {
            createTask(name = "consumer") { waitForever() }
            waitForever()
        }

        test("slow").config(extensions = listOf(SimulExtension(realTime = true)), timeout = 100.milliseconds) {
            waitForever()
        }
    })

/** More than a tail call, which would leave no frame. */
private suspend fun waitForever() {
    Event().wait()
    error("nobody sets it")
}

class MemoryCases :
    FunSpec({
        extension(SimulExtension(network = ::MemoryNetwork))

        repeat(2) {
            test("a port is free each time $it") {
                val server =
                    startServer("127.0.0.1", 80) { _, writer ->
                        sleep(1.hours)
                        writer.close()
                    }
                val (reader, writer) = openConnection("127.0.0.1", 80)
                reader.read().size shouldBe 0
                events += "closed at ${getRunningLoop().time()}"
                writer.close()
                server.close()
            }
        }
    })
