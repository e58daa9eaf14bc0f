// SPDX-License-Identifier: Apache-2.0
package dev.simul.junit

import dev.simul.createTask
import dev.simul.currentTask
import dev.simul.loop.EventLoop
import dev.simul.loop.getRunningLoop
import dev.simul.sleep
import dev.simul.streams.openConnection
import dev.simul.streams.startServer
import dev.simul.sync.Event
import dev.simul.taskGroup
import dev.simul.testing.Deadlock
import dev.simul.testing.ReportedErrors
import dev.simul.testing.VirtualClock
import dev.simul.testing.expect
import dev.simul.testing.network.MemoryNetwork
import dev.simul.testing.runTest
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.delay
import kotlinx.coroutines.launch
import org.junit.jupiter.api.AfterEach
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertSame
import org.junit.jupiter.api.BeforeEach
import org.junit.jupiter.api.Test
import org.junit.jupiter.params.ParameterizedTest
import org.junit.jupiter.params.provider.ValueSource
import java.io.IOException
import kotlin.time.Duration.Companion.hours
import kotlin.time.Duration.Companion.seconds

/** Test classes for the engine that the tests run, as [JavaCases]. */
internal class KotlinCases {
    class First {
        @AsyncTest
        suspend fun `an hour passes at once`() {
            sleep(1.hours)
            assertEquals(1.hours, getRunningLoop().time())
            JavaCases.EVENTS += currentTask()!!.name
        }

        @AsyncTest
        fun `without suspend`() {
            assertEquals(0.seconds, getRunningLoop().time())
            JavaCases.EVENTS += "without suspend"
        }

        @AsyncTest
        suspend fun fails() {
            sleep(1.hours)
            throw IOException("boom")
        }

        @AsyncTest
        suspend fun `with kotlinx`() {
            coroutineScope { repeat(2) { launch { delay(1.hours) } } }
            assertEquals(1.hours, getRunningLoop().time())
        }
    }

    @OnLoop
    class Lifecycle {
        private lateinit var loop: EventLoop

        @BeforeEach
        suspend fun before(
            loop: EventLoop,
            clock: VirtualClock,
        ) {
            sleep(1.seconds)
            assertEquals(1.seconds, clock.now)
            assertSame(loop, getRunningLoop())
            this.loop = loop
            JavaCases.EVENTS += "before"
        }

        @ParameterizedTest
        @ValueSource(ints = [1, 2])
        suspend fun test(seconds: Int) {
            sleep(seconds.seconds)
            assertSame(loop, getRunningLoop())
            JavaCases.EVENTS += "test at ${loop.time()}"
        }

        @AfterEach
        suspend fun after() {
            sleep(1.seconds)
            JavaCases.EVENTS += "after at ${loop.time()}"
        }
    }

    class Failures {
        @AsyncTest
        suspend fun forgotten() {
            createTask<Unit> { throw IOException("boom") }
            sleep(1.seconds)
        }

        @AsyncTest
        suspend fun expected(errors: ReportedErrors) {
            errors.expect<IOException>()
            forgotten()
        }

        @AsyncTest
        suspend fun stuck() {
            taskGroup { group -> group.createTask(name = "consumer") { waitForever() } }
        }

        private suspend fun waitForever() {
            Event().wait()
            error("nobody sets it")
        }
    }

    @OnLoop(network = TestNetwork.MEMORY)
    class InMemory {
        @BeforeEach
        suspend fun serve(network: MemoryNetwork) {
            network.addHost("slow.test")
            startServer("slow.test", 80) { _, writer ->
                sleep(1.hours)
                writer.write("late".encodeToByteArray())
                writer.close()
            }
        }

        @AsyncTest
        suspend fun answers() {
            val (reader, writer) = openConnection("slow.test", 80)
            JavaCases.EVENTS += reader.read().decodeToString() + " at ${getRunningLoop().time()}"
            writer.close()
        }

        @AsyncTest
        suspend fun stuck() {
            openConnection("slow.test", 80).reader.read()
            Event().wait()
        }
    }

    class NotInMemory {
        @AsyncTest(network = TestNetwork.MEMORY, time = TestTime.REAL)
        suspend fun realTime() = sleep(1.seconds)

        @AsyncTest
        fun hasNoNetwork(network: MemoryNetwork): Unit = error("there is $network")
    }

    class ReturnsValue {
        @AsyncTest
        suspend fun test() {
            sleep(1.seconds)
        }

        @Test
        suspend fun neverRun(): Int = sleep(1.seconds, 42)
    }

    class ReturnsValueOfExpression {
        @OnLoop
        @Test
        fun test() {}

        @Test
        fun neverRun() = runCatching { runTest { } }
    }

    class RunTests {
        @AsyncTest
        fun test() {
            runTest { throw Deadlock("never") }
        }
    }
}
