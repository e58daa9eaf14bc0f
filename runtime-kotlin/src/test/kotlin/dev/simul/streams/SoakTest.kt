// SPDX-License-Identifier: Apache-2.0
package dev.simul.streams

import com.sun.management.UnixOperatingSystemMXBean
import dev.simul.allTasks
import dev.simul.currentTask
import dev.simul.exceptions.CancelledException
import dev.simul.house.Soak
import dev.simul.loop.ExceptionContext
import dev.simul.loop.getRunningLoop
import dev.simul.net.Server
import dev.simul.net.ServerOptions
import dev.simul.net.port
import dev.simul.net.until
import dev.simul.recordReports
import dev.simul.sleep
import dev.simul.sync.Barrier
import dev.simul.sync.Semaphore
import dev.simul.taskGroup
import dev.simul.timeout
import dev.simul.transports.OpenTransports
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.ints.shouldBeGreaterThan
import io.kotest.matchers.shouldBe
import java.io.File
import java.io.IOException
import java.lang.management.ManagementFactory
import java.net.StandardSocketOptions
import java.nio.ByteBuffer
import java.nio.channels.SocketChannel
import java.util.Random
import kotlin.io.path.Path
import kotlin.io.path.readSymbolicLink
import kotlin.time.Duration.Companion.microseconds
import kotlin.time.Duration.Companion.minutes
import dev.simul.run as runLoop

private const val LOOPBACK = "127.0.0.1"

/** Many connections at once, and connections that misbehave; at full length a million messages, and 10,000 connections. */
class SoakTest :
    FunSpec({
        val system = ManagementFactory.getOperatingSystemMXBean() as UnixOperatingSystemMXBean

        /** How many there are; of sockets and selectors alone where the system tells them apart, since the JVM opens jars as it likes. */
        fun descriptors(): Int {
            val open = File("/proc/self/fd").list() ?: return system.openFileDescriptorCount.toInt()
            return open.count { descriptor ->
                val what = runCatching { Path("/proc/self/fd/$descriptor").readSymbolicLink().toString() }.getOrDefault("gone")
                what.startsWith("socket:") || what.startsWith("anon_inode:")
            }
        }

        suspend fun echo(
            reader: StreamReader,
            writer: StreamWriter,
        ) {
            while (true) {
                val data = reader.read(4096)
                if (data.isEmpty()) break
                writer.write(data)
                writer.drain()
            }
            writer.close()
        }

        /** Runs [block] with a server, closes that, and sees that nothing is left of it all. */
        fun soak(
            serve: suspend (StreamReader, StreamWriter) -> Unit,
            block: suspend (Server) -> Unit,
        ): List<ExceptionContext> {
            runLoop {
                // What the first socket loads stays.
                startServer(LOOPBACK, 0) { _, _ -> }.aclose()
            }
            val before = descriptors()
            return runLoop {
                timeout(40.minutes) {
                    val loop = getRunningLoop()
                    val reports = loop.recordReports()
                    val server = startServer(LOOPBACK, 0, options = ServerOptions(backlog = 1000), clientConnected = serve)
                    block(server)
                    server.aclose()
                    until { allTasks() == setOf(currentTask()) }
                    OpenTransports[loop].size shouldBe 0
                    // The selector has two of its own.
                    until { descriptors() <= before + 3 }
                    reports
                }
            }.also { descriptors() shouldBe before }
        }

        test("5,000 connections at once carry many messages, and nothing is left of them") {
            // Both ends are in this process, which may not be allowed that many descriptors.
            val connections = minOf(5_000, (system.maxFileDescriptorCount.toInt() - 1_000) / 2)
            val messages = Soak.of(1_000_000) / connections
            var echoed = 0

            suspend fun converse(
                number: Int,
                server: Server,
                opening: Semaphore,
                allOpen: Barrier,
            ) {
                val (reader, writer) = opening.use { openConnection(LOOPBACK, server.port) }
                allOpen.wait()
                val random = Random(number.toLong())
                repeat(messages) { message ->
                    val sent = "connection $number, message $message ${"x".repeat(random.nextInt(100))}\n".encodeToByteArray()
                    writer.write(sent)
                    writer.drain()
                    check(reader.readline().contentEquals(sent)) { "message $message of connection $number came back changed" }
                    echoed++
                }
                writer.aclose()
            }

            soak(::echo) { server ->
                val opening = Semaphore(500)
                val allOpen = Barrier(connections)
                taskGroup { group ->
                    repeat(connections) { number -> group.createTask { converse(number, server, opening, allOpen) } }
                }
            }.shouldBeEmpty()
            echoed shouldBe connections * messages
        }

        test("many connections that are reset, stalled, half-closed and cancelled leave nothing behind") {
            val connections = Soak.of(10_000)
            val random = Random(20)
            val outcomes = sortedMapOf<String, Int>()

            fun StreamWriter.reset() {
                (getExtraInfo("socket") as SocketChannel).setOption(StandardSocketOptions.SO_LINGER, 0)
                transport.abort()
            }

            suspend fun stall() = sleep(random.nextInt(2_000).microseconds)

            /** Serves as long as it likes, then misbehaves. */
            suspend fun serve(
                reader: StreamReader,
                writer: StreamWriter,
            ) {
                when (random.nextInt(8)) {
                    0 -> return writer.reset()
                    1 -> return writer.close()
                    2 -> stall()
                    3 -> writer.transport.pauseReading().also { stall() }.also { writer.transport.resumeReading() }
                    4 -> {
                        writer.write(reader.read(100))
                        return writer.reset()
                    }
                    5 -> throw IOException("this connection is not served")
                }
                echo(reader, writer)
            }

            suspend fun misbehave(
                reader: StreamReader,
                writer: StreamWriter,
            ): String {
                val data = ByteArray(1 + random.nextInt(200_000)) { it.toByte() }
                when (random.nextInt(8)) {
                    0 -> {
                        writer.reset()
                        return "reset at once"
                    }
                    1 -> {
                        writer.write(data)
                        writer.reset()
                        return "reset in the middle of a message"
                    }
                    2 -> {
                        writer.write(data)
                        stall()
                        writer.close()
                        return "closed without reading"
                    }
                    3 -> {
                        writer.writeEof()
                        reader.read()
                        return "half-closed at once"
                    }
                    4 -> {
                        currentTask()!!.cancel()
                        reader.readline()
                        return "never"
                    }
                    5 -> stall()
                }
                writer.write(data)
                writer.writeEof()
                val answer = ByteBuffer.allocate(data.size)
                while (answer.hasRemaining()) if (reader.read(answer) < 0) return "cut off"
                check(answer.array().contentEquals(data)) { "the answer differs from the question" }
                return "served"
            }

            suspend fun converse(server: Server) {
                val (reader, writer) = openConnection(LOOPBACK, server.port)
                val outcome =
                    try {
                        misbehave(reader, writer)
                    } catch (e: IOException) {
                        e.javaClass.simpleName
                    } catch (_: CancelledException) {
                        "cancelled"
                    } finally {
                        writer.close()
                    }
                outcomes.merge(outcome, 1, Int::plus)
            }

            val reports =
                soak(::serve) { server ->
                    val atOnce = Semaphore(200)
                    taskGroup { group -> repeat(connections) { group.createTask { atOnce.use { converse(server) } } } }
                }
            println(outcomes)
            outcomes.values.sum() shouldBe connections
            outcomes.getValue("served") shouldBeGreaterThan connections / 10
            // What fails a connection fails its task on the server, and nothing else is reported.
            reports.map { it.message }.toSet() shouldContainExactly setOf("Unhandled exception in client_connected_cb")
            reports.filter { it.exception !is IOException }.shouldBeEmpty()
        }
    })
