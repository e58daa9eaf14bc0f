package dev.simul.demo.flags

import dev.simul.CancelledException
import dev.simul.ExceptionGroup
import dev.simul.aclosing
import dev.simul.allTasks
import dev.simul.createTask
import dev.simul.currentTask
import dev.simul.sync.Event
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.collections.shouldBeSameSizeAs
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.collections.shouldContainExactlyInAnyOrder
import io.kotest.matchers.ints.shouldBeInRange
import io.kotest.matchers.nulls.shouldNotBeNull
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.types.shouldBeInstanceOf
import io.ktor.client.HttpClient
import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.delay
import kotlinx.coroutines.isActive
import java.io.IOException
import java.net.ConnectException
import java.net.Socket
import java.net.URI
import java.nio.file.NoSuchFileException
import java.nio.file.Path
import javax.imageio.ImageIO
import kotlin.io.path.listDirectoryEntries
import kotlin.io.path.name
import kotlin.io.path.readBytes
import kotlin.time.Duration
import kotlin.time.Duration.Companion.hours
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.seconds
import kotlin.time.TimeSource
import dev.simul.run as runLoop

class FlagDownloadTest :
    FunSpec({
        val nobody = Progress { _, _ -> }

        test("all flags are saved as they were painted") {
            val folder = tempdir().toPath()
            val report = runLoop { downloadFlags(memberStates, FlagServer(quick), flagClient(30), folder, 30, nobody) }
            report.saved shouldContainExactly memberStates
            report.notFound shouldBe emptyList()
            report.failed shouldBe emptyMap()
            folder.listDirectoryEntries().map { it.name } shouldContainExactlyInAnyOrder memberStates.map { "$it.png" }
            for (code in memberStates) folder.resolve("$code.png").readBytes() shouldBe paintFlag(code)
        }

        test("what is not found and what fails is counted, and the rest is saved") {
            val codes = memberStates.take(50)
            val missing = codes.slice(listOf(3, 14, 15))
            val broken = codes.slice(listOf(9, 26))
            val folder = tempdir().toPath()
            val server = FlagServer(quick, missing.toSet(), broken.toSet())
            val report = runLoop { downloadFlags(codes, server, flagClient(10), folder, 10, nobody) }
            report.notFound shouldContainExactly missing
            report.failed shouldBe mapOf("503 Service Unavailable" to broken)
            report.saved shouldContainExactly codes - missing.toSet() - broken.toSet()
            folder.listDirectoryEntries() shouldBeSameSizeAs report.saved
        }

        test("progress is reported once for each flag, with its outcome") {
            val codes = listOf("fr", "de", "br")
            val reported = mutableMapOf<String, Outcome>()
            val server = FlagServer(quick, missing = setOf("de"))
            val report =
                runLoop {
                    downloadFlags(codes, server, flagClient(3), tempdir().toPath(), 3) { code, outcome ->
                        reported.put(code, outcome) shouldBe null
                    }
                }
            reported shouldBe report.outcomes
        }

        test("there are never more requests in flight than allowed, and that many there are") {
            for (concurrency in listOf(1, 7)) {
                val server = CrowdedServer(concurrency)
                val codes = memberStates.take(concurrency * 8)
                runLoop { downloadFlags(codes, server, flagClient(50), tempdir().toPath(), concurrency, nobody) }
                server.mostInFlight shouldBe concurrency
            }
        }

        test("a server that nobody reaches fails every flag") {
            val server = FlagServer()
            val outcomes =
                runLoop {
                    aclosing(server) { server.start() }
                    flagClient(2).use { client ->
                        FlagDownload(client, server.address, tempdir().toPath(), 2).all(listOf("fr", "de"), nobody)
                    }
                }
            outcomes.keys shouldBe setOf("fr", "de")
            for (outcome in outcomes.values) outcome.shouldBeInstanceOf<Outcome.Failed>().reason shouldContain "refused"
        }

        test("a server that does not answer fails every flag") {
            val server = FlagServer(latency = 1.hours)
            val outcomes =
                runLoop {
                    aclosing(server) {
                        server.start()
                        flagClient(2).use { client ->
                            FlagDownload(client, server.address, tempdir().toPath(), 2, patience = 50.milliseconds)
                                .all(listOf("fr", "de", "br"), nobody)
                        }
                    }
                }
            outcomes.values.toSet() shouldBe setOf(Outcome.Failed("no answer within 50ms"))
        }

        test("a file that cannot be written ends the download, and closes server and client") {
            val nowhere = tempdir().toPath().resolve("nowhere")
            val client = flagClient(10)
            val server = FlagServer(quick)
            val failure =
                shouldThrow<ExceptionGroup> {
                    runLoop { downloadFlags(memberStates, server, client, nowhere, 10, nobody) }
                }
            for (exception in failure.exceptions) exception.shouldBeInstanceOf<NoSuchFileException>()
            shouldBeClosed(server, client)
        }

        test("a cancelled download leaves whole files only, and closes server and client") {
            val folder = tempdir().toPath()
            val client = flagClient(10)
            val server = FlagServer(latency = 10.milliseconds)
            runLoop {
                val underWay = Event()
                var outcomes = 0
                val progress = Progress { _, _ -> if (++outcomes == 40) underWay.set() }
                val download = createTask { downloadFlags(memberStates, server, client, folder, 10, progress) }
                underWay.wait()
                download.cancel()
                shouldThrow<CancelledException> { download.await() }
                allTasks() shouldBe setOf(currentTask())
            }
            val files = folder.listDirectoryEntries()
            files.size shouldBeInRange 40..80
            for (file in files) file.shouldBeFlag()
            shouldBeClosed(server, client)
        }

        test("server and client are closed after a download") {
            val client = flagClient(1)
            val server = FlagServer(quick)
            runLoop { downloadFlags(listOf("fr"), server, client, tempdir().toPath(), 1, nobody) }
            shouldBeClosed(server, client)
        }
    })

private val quick: Duration = 1.milliseconds

/** A server that answers nobody before [crowd] requests are in flight, and then takes a moment, in which more might come. */
private class CrowdedServer(
    private val crowd: Int,
) : FlagServer() {
    private val crowded = CompletableDeferred<Unit>()

    override suspend fun ponder() {
        if (mostInFlight >= crowd) crowded.complete(Unit)
        crowded.await()
        delay(20)
    }
}

private fun Path.shouldBeFlag() {
    memberStates.map { "$it.png" }.contains(name) shouldBe true
    ImageIO.read(toFile()).shouldNotBeNull().width shouldBe FLAG_WIDTH
}

private fun shouldBeClosed(
    server: FlagServer,
    client: HttpClient,
) {
    // Ktor's threads may not be through with it yet.
    val begin = TimeSource.Monotonic.markNow()
    while ((client.isActive || server.listens()) && begin.elapsedNow() < 60.seconds) Thread.sleep(10)
    client.isActive shouldBe false
    server.listens() shouldBe false
}

private fun FlagServer.listens(): Boolean =
    try {
        Socket("127.0.0.1", URI(address).port).close()
        true
    } catch (_: ConnectException) {
        false
    }
