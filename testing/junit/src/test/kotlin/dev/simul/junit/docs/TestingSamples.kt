// SPDX-License-Identifier: Apache-2.0
package dev.simul.junit.docs

import dev.simul.createTask
import dev.simul.exceptions.TimeoutException
import dev.simul.junit.AsyncTest
import dev.simul.junit.OnLoop
import dev.simul.junit.TestNetwork
import dev.simul.junit.TestTime
import dev.simul.loop.EventLoop
import dev.simul.net.Resolver
import dev.simul.net.Server
import dev.simul.net.resolver
import dev.simul.repeating.Backoff
import dev.simul.repeating.retry
import dev.simul.sleep
import dev.simul.streams.openConnection
import dev.simul.streams.startServer
import dev.simul.sync.Lock
import dev.simul.testing.CancelOptions
import dev.simul.testing.ReportedErrors
import dev.simul.testing.VirtualClock
import dev.simul.testing.checkCancelSafe
import dev.simul.testing.expect
import dev.simul.testing.network.MemoryNetwork
import dev.simul.testing.runTest
import dev.simul.timeout
import org.junit.jupiter.api.AfterEach
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.BeforeEach
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.assertThrows
import org.junit.jupiter.params.ParameterizedTest
import org.junit.jupiter.params.provider.ValueSource
import java.io.IOException
import java.net.ConnectException
import java.net.InetAddress
import java.net.InetSocketAddress
import kotlin.random.Random
import kotlin.time.Duration.Companion.hours
import kotlin.time.Duration.Companion.minutes
import kotlin.time.Duration.Companion.seconds

// The blocks of the guide to testing; TestingGuideTest runs them, the runtime's DocsTest compares.

class TimeSamples {
    @AsyncTest
    suspend fun `a slow answer is given up after a minute`(clock: VirtualClock) {
        assertThrows<TimeoutException> { timeout(1.minutes) { sleep(1.hours) } }
        assertEquals(1.minutes, clock.now)
    }
}

@OnLoop(time = TestTime.REAL)
class EchoSamples {
    private lateinit var server: Server

    @BeforeEach
    suspend fun start() {
        server =
            startServer("127.0.0.1", 0) { reader, writer ->
                writer.write(reader.readline())
                writer.close()
            }
    }

    @ParameterizedTest
    @ValueSource(strings = ["tea", "toast"])
    suspend fun `a line comes back`(line: String) {
        val address = server.addresses.first() as InetSocketAddress
        val (reader, writer) = openConnection("127.0.0.1", address.port)
        writer.write("$line\n".toByteArray())
        assertEquals("$line\n", reader.readline().decodeToString())
        writer.close()
    }

    @AfterEach
    suspend fun stop() {
        server.close()
        server.waitClosed()
    }
}

class SlowServerSamples {
    @AsyncTest(network = TestNetwork.MEMORY)
    suspend fun `a slow server is given up after a minute`(
        network: MemoryNetwork,
        clock: VirtualClock,
    ) {
        network.addHost("slow.example")
        startServer("slow.example", 80) { _, writer ->
            sleep(1.hours)
            writer.close()
        }
        val (reader, writer) = openConnection("slow.example", 80)
        assertThrows<TimeoutException> { timeout(1.minutes) { reader.readline() } }
        assertEquals(1.minutes, clock.now)
        writer.close()
    }

    @Test
    fun `nothing listens`(): Unit =
        runTest(MemoryNetwork()) {
            assertThrows<ConnectException> { openConnection("127.0.0.1", 80) }
        }

    @Test
    fun `asking can be cancelled at any point`() {
        checkCancelSafe(CancelOptions(network = ::MemoryNetwork)) {
            val server = startServer("127.0.0.1", 80) { _, writer -> writer.close() }
            try {
                val (reader, writer) = openConnection("127.0.0.1", 80)
                try {
                    reader.readline()
                } finally {
                    writer.close()
                }
            } finally {
                server.close()
            }
        }
    }
}

class FailureSamples {
    private suspend fun watch(directory: String) {
        sleep(1.seconds)
        throw IOException("$directory is gone")
    }

    @AsyncTest
    suspend fun forgotten() {
        createTask { watch("inbox") }
        sleep(1.hours)
    }

    @AsyncTest
    suspend fun retrieved() {
        val watching = createTask { watch("inbox") }
        assertThrows<IOException> { watching.await() }
    }

    @AsyncTest
    suspend fun expected(errors: ReportedErrors) {
        errors.expect<IOException>()
        createTask { watch("inbox") }
        sleep(1.hours)
    }

    @AsyncTest
    suspend fun stuck() {
        val lock = Lock()
        lock.acquire()
        lock.acquire()
    }
}

class CancelSafetySamples {
    class Account(
        var balance: Int,
    ) {
        private val lock = Lock()

        suspend fun withdraw(amount: Int) {
            lock.acquire()
            try {
                val before = balance
                sleep(1.seconds)
                balance = before - amount
            } finally {
                lock.release()
            }
        }
    }

    @Test
    fun `withdrawing can be cancelled at any point`() {
        checkCancelSafe(
            setUp = { Account(100) },
            check = { account -> assertEquals(0, account.balance % 10) },
        ) { account ->
            account.withdraw(10)
        }
    }
}

class FakeSamples {
    @AsyncTest
    suspend fun `an unreliable server is asked three times`(loop: EventLoop) {
        loop.random = Random(42)
        loop.resolver = Resolver { host -> listOf(InetAddress.getByAddress(host, byteArrayOf(127, 0, 0, 1))) }
        var attempts = 0
        retry(3, Backoff.exponential(1.seconds).jittered(), retryIf = { it is IOException }) {
            if (++attempts < 3) throw IOException("refused")
        }
        assertEquals(3, attempts)
    }
}

class RunTestSamples {
    @Test
    fun `any framework will do`(): Unit =
        runTest {
            sleep(1.hours)
        }
}
