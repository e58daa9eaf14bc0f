// SPDX-License-Identifier: Apache-2.0
package dev.simul.testing.network

import dev.simul.createTask
import dev.simul.exceptions.TimeoutException
import dev.simul.loop.getRunningLoop
import dev.simul.net.port
import dev.simul.sleep
import dev.simul.streams.openConnection
import dev.simul.streams.startServer
import dev.simul.testing.Deadlock
import dev.simul.testing.runTest
import dev.simul.timeout
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.comparables.shouldBeLessThan
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import java.net.ConnectException
import kotlin.time.Duration.Companion.hours
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.minutes
import kotlin.time.measureTime

class MemoryNetworkTest :
    FunSpec({
        test("a stream echoes, and timers between reads jump at once") {
            val network = MemoryNetwork()
            measureTime {
                runTest(network) {
                    val server =
                        startServer("127.0.0.1", 0) { reader, writer ->
                            repeat(1000) {
                                writer.write(reader.readline())
                                sleep(1.hours)
                            }
                            writer.close()
                        }
                    val (reader, writer) = openConnection("localhost", server.port)
                    repeat(1000) {
                        writer.write("$it\n".encodeToByteArray())
                        reader.readline().decodeToString() shouldBe "$it\n"
                        getRunningLoop().time() shouldBe it.hours
                    }
                    reader.read().size shouldBe 0
                    writer.aclose()
                    server.aclose()
                    getRunningLoop().time() shouldBe 1000.hours
                }
            } shouldBeLessThan 10.minutes
            network.openChannels.shouldBeEmpty()
        }

        test("a deadlock is found at once") {
            measureTime {
                shouldThrow<Deadlock> {
                    runTest(MemoryNetwork()) {
                        val server = startServer("127.0.0.1", 0) { reader, _ -> reader.readline() }
                        openConnection("127.0.0.1", server.port).reader.readline()
                    }
                }.message shouldContain "2 task(s) are stuck"
            } shouldBeLessThan 500.milliseconds
        }

        test("a connection to a port where nobody listens is refused") {
            runTest(MemoryNetwork()) {
                shouldThrow<ConnectException> { openConnection("127.0.0.1", 80) }.message shouldContain "Connection refused"
            }
        }
    })
