// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.flags

import dev.simul.aclosing
import dev.simul.allTasks
import dev.simul.createTask
import dev.simul.currentTask
import dev.simul.demo.Engine
import dev.simul.demo.Failure
import dev.simul.demo.LONGEST_BODY
import dev.simul.demo.RawServer
import dev.simul.demo.webClient
import dev.simul.exceptions.CancelledException
import dev.simul.exceptions.ExceptionGroup
import dev.simul.sync.Event
import dev.simul.toThread
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldBeIn
import io.kotest.matchers.collections.shouldBeSameSizeAs
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.collections.shouldContainExactlyInAnyOrder
import io.kotest.matchers.collections.shouldHaveSize
import io.kotest.matchers.comparables.shouldBeGreaterThanOrEqualTo
import io.kotest.matchers.ints.shouldBeInRange
import io.kotest.matchers.nulls.shouldNotBeNull
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldMatch
import io.kotest.matchers.types.shouldBeInstanceOf
import io.ktor.client.HttpClient
import io.ktor.http.HttpStatusCode
import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.delay
import kotlinx.coroutines.isActive
import java.net.ConnectException
import java.net.Socket
import java.net.URI
import java.nio.file.Path
import java.util.concurrent.ConcurrentHashMap
import javax.imageio.ImageIO
import kotlin.io.path.createDirectories
import kotlin.io.path.listDirectoryEntries
import kotlin.io.path.name
import kotlin.io.path.readBytes
import kotlin.io.path.writeText
import kotlin.time.Duration
import kotlin.time.Duration.Companion.hours
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.seconds
import kotlin.time.TimeSource
import dev.simul.run as runLoop

/** The downloads in Kotlin, on both engines, and that in Java, which do the same. */
class FlagDownloadTest :
    FunSpec({
        for (language in Language.entries) {
            context("in $language") {
                test("all flags are saved as they were painted, by the names of their countries") {
                    val folder = tempdir().toPath()
                    val report = language.download(memberStates, FlagServer(quick), folder, maxRequests = 30)
                    report.saved shouldContainExactly memberStates
                    report.notFound.shouldBeEmpty()
                    report.failed.shouldBeEmpty()
                    folder.listDirectoryEntries() shouldHaveSize 193
                    for (code in memberStates) fileOf(code, folder).readBytes() shouldBe paintFlag(code.lowercase())
                    folder.resolve("France.png").readBytes() shouldBe paintFlag("fr")
                }

                test("what is not found and what fails is counted, and the rest is saved") {
                    val codes = memberStates.take(50)
                    val missing = codes.slice(listOf(3, 14, 15))
                    val broken = codes.slice(listOf(9, 26))
                    val teapots = codes.slice(listOf(5, 35))
                    val trouble =
                        Trouble { code, _ ->
                            when (code) {
                                in missing -> HttpStatusCode.NotFound
                                in broken -> HttpStatusCode.ServiceUnavailable
                                in teapots -> teapot
                                else -> null
                            }
                        }
                    val folder = tempdir().toPath()
                    val report = language.download(codes, FlagServer(quick, trouble), folder)
                    report.notFound shouldContainExactly missing
                    report.reasons shouldBe mapOf("503 Service Unavailable" to broken, "418 I'm a teapot" to teapots)
                    report.saved shouldContainExactly codes - missing.toSet() - broken.toSet() - teapots.toSet()
                    folder.listDirectoryEntries() shouldBeSameSizeAs report.saved
                }

                test("there are never more requests in flight than allowed, and that many there are") {
                    for (maxRequests in listOf(1, 7)) {
                        val server = CrowdedServer(maxRequests)
                        language.download(memberStates.take(maxRequests * 6), server, tempdir().toPath(), maxRequests)
                        server.mostInFlight shouldBe maxRequests
                    }
                }

                test("a server that closes in the middle of an image fails that flag, and nothing of it is left") {
                    val answers = { path: String ->
                        when {
                            path.endsWith("/fr.png") -> RawServer.answer("200 OK", ByteArray(10), length = 1000)
                            path.endsWith("/de.png") -> "HTTP/1.1 200 O".toByteArray()
                            path.endsWith("/br.png") -> ByteArray(0)
                            path.endsWith(".png") -> RawServer.answer("200 OK", ByteArray(1000))
                            else -> RawServer.answer("200 OK", metadataOf("IN").toByteArray())
                        }
                    }
                    val folder = tempdir().toPath()
                    val report = RawServer(answers).use { language.download(listOf("BR", "DE", "FR", "IN"), RemoteSite(it.base), folder) }
                    report.saved shouldBe listOf("IN")
                    report.reasons shouldBe mapOf("the server closed the connection too early" to listOf("BR", "DE", "FR"))
                    folder.listDirectoryEntries().map { it.name } shouldBe listOf("India.png")
                }

                test("an answer that nobody can read fails the flag, for a reason of one line") {
                    val found = "HTTP/1.1 302 Found\r\nContent-Length: 0\r\n"
                    for (answer in listOf(
                        "\u001b[31mno HTTP\r\n\r\n",
                        "HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\nabc",
                        "${found}Location: http://127.0.0.1:99999/\r\n\r\n",
                        "${found}Location: http://[::bad\r\n\r\n",
                        "$found\r\n",
                    )) {
                        val report =
                            RawServer { answer.toByteArray() }.use {
                                language.download(listOf("FR"), RemoteSite(it.base), tempdir().toPath())
                            }
                        val reason = report.reasons.keys.single()
                        reason.filter { it < ' ' } shouldBe ""
                    }
                }

                test("an answer that is longer than any flag fails the flag") {
                    val endless = RawServer.answer("200 OK", ByteArray(LONGEST_BODY + 1))
                    val report = RawServer { endless }.use { language.download(listOf("FR"), RemoteSite(it.base), tempdir().toPath()) }
                    report.reasons shouldBe mapOf("the answer is longer than 10 MB" to listOf("FR"))
                }

                test("redirects are followed") {
                    runLoop {
                        aclosing(FlagServer(quick)) { server ->
                            server.open()
                            val base = server.base
                            val redirecting = { path: String -> RawServer.answer("302 Found", headers = "Location: $base$path\r\n") }
                            RawServer(redirecting).use {
                                val folder = tempdir().toPath()
                                val report = toThread { language.download(listOf("FR", "DE"), RemoteSite(it.base), folder) }
                                report.saved shouldBe listOf("DE", "FR")
                            }
                        }
                    }
                }

                test("redirects that never end fail the flag") {
                    val circling = { path: String -> RawServer.answer("302 Found", headers = "Location: $path\r\n") }
                    val report = RawServer(circling).use { language.download(listOf("FR"), RemoteSite(it.base), tempdir().toPath()) }
                    report.reasons.keys.single() shouldBeIn listOf("too many redirects", "302 Found")
                }

                test("a site that nobody reaches is one failure, and leaves no folder") {
                    val base = RawServer { ByteArray(0) }.use { it.base }
                    val below = tempdir().toPath()
                    val failure = shouldThrow<Failure> { language.download(memberStates, RemoteSite(base), below.resolve("flags")) }
                    failure.message shouldBe "cannot reach --base-url '$base': connection refused; start its server, or give another"
                    below.listDirectoryEntries().shouldBeEmpty()
                }
            }
        }

        for (language in listOf(Language.KOTLIN, Language.JAVA)) {
            context("in $language, on any engine") {
                test("the metadata is asked for after the image, and not without one") {
                    val asked = ConcurrentHashMap<String, List<String>>()
                    val trouble =
                        Trouble { code, file ->
                            asked.merge(code, listOf(file)) { before, more -> before + more }
                            if (code == "DE" || (code == "BR" && file == "metadata.json")) HttpStatusCode.NotFound else null
                        }
                    val folder = tempdir().toPath()
                    val report = language.download(listOf("BR", "DE", "FR"), FlagServer(quick, trouble), folder)
                    asked["FR"] shouldBe listOf("fr.png", "metadata.json")
                    asked["BR"] shouldBe listOf("br.png", "metadata.json")
                    asked["DE"] shouldBe listOf("de.png")
                    report.notFound shouldContainExactly listOf("BR", "DE")
                    folder.listDirectoryEntries().map { it.name } shouldBe listOf("France.png")
                }

                test("progress begins, and is reported once for each flag, with its outcome") {
                    val reported = mutableMapOf<String, Outcome>()
                    var begun = 0
                    val progress =
                        object : Progress {
                            override fun begin() {
                                begun++
                                reported shouldBe emptyMap()
                            }

                            override fun report(
                                code: String,
                                outcome: Outcome,
                            ) {
                                reported.put(code, outcome) shouldBe null
                            }
                        }
                    val server = FlagServer(quick, without("DE"))
                    val report = language.download(listOf("FR", "DE", "BR"), server, tempdir().toPath(), progress = progress)
                    begun shouldBe 1
                    reported shouldBe report.outcomes
                    reported["DE"] shouldBe Outcome.NotFound("${server.base}/de/de.png")
                }

                test("the time of all requests is counted, each from its turn on") {
                    runLoop {
                        aclosing(FlagServer(40.milliseconds)) { server ->
                            val site = RemoteSite(server.open())
                            val codes = memberStates.take(10)
                            val report = toThread { language.download(codes, site, tempdir().toPath(), maxRequests = 2) }
                            report.requestTime shouldBeGreaterThanOrEqualTo 400.milliseconds
                            report.requestTime shouldBeGreaterThanOrEqualTo server.answeringTime
                        }
                    }
                }

                test("a server of our own says itself how long its answers took") {
                    val server = FlagServer(40.milliseconds)
                    val report = language.download(memberStates.take(10), server, tempdir().toPath(), maxRequests = 2)
                    report.requestTime shouldBe server.answeringTime
                    report.requestTime shouldBeGreaterThanOrEqualTo 400.milliseconds
                }

                test("metadata that names no country fails the flag") {
                    for (nonsense in listOf("<html>", "[".repeat(100_000))) {
                        val folder = tempdir().toPath()
                        val report =
                            RawServer { RawServer.answer("200 OK", nonsense.toByteArray()) }.use {
                                language.download(listOf("FR"), RemoteSite(it.base), folder)
                            }
                        report.reasons shouldBe mapOf("its metadata names no country" to listOf("FR"))
                        folder.listDirectoryEntries().shouldBeEmpty()
                    }
                }

                test("a file that cannot be written ends the download, and closes the server") {
                    val folder = tempdir().toPath()
                    for (code in memberStates) fileOf(code, folder).createDirectories().resolve("note").writeText("in the way")
                    val server = FlagServer(quick)
                    val failure = shouldThrow<ExceptionGroup> { language.download(memberStates, server, folder) }
                    for (exception in failure.exceptions) {
                        exception.shouldBeInstanceOf<Failure>().message!! shouldMatch Regex("cannot save flags in '$folder': .+")
                    }
                    folder.listDirectoryEntries() shouldHaveSize 193
                    shouldBeClosed(server)
                }
            }
        }

        test("a server that goes away fails every flag") {
            val server = FlagServer()
            val tally = Tally()
            runLoop {
                aclosing(server) { server.open() }
                webClient(2).use { client ->
                    val folder = FlagFolder(tempdir().toPath()).apply { make() }
                    FlagDownload(client, server.base, folder, 2, tally).all(listOf("FR", "DE"), nobody)
                }
            }
            tally.report(server.answeringTime).reasons shouldBe mapOf("connection refused" to listOf("DE", "FR"))
        }

        test("a server that does not answer fails every flag") {
            val tally = Tally()
            runLoop {
                aclosing(FlagServer(latency = 1.hours)) { server ->
                    server.open()
                    webClient(2).use { client ->
                        val folder = FlagFolder(tempdir().toPath()).apply { make() }
                        FlagDownload(client, server.base, folder, 2, tally, patience = 50.milliseconds)
                            .all(listOf("FR", "DE", "BR"), nobody)
                    }
                }
            }
            tally.report(answeringTime = null).reasons shouldBe mapOf("no answer within 50ms" to listOf("BR", "DE", "FR"))
        }

        test("a cancelled download leaves whole files only, has counted them, and closes server and client") {
            val folder = FlagFolder(tempdir().toPath())
            val client = webClient(10)
            val server = FlagServer(latency = 10.milliseconds)
            val tally = Tally()
            runLoop {
                val underWay = Event()
                var outcomes = 0
                val progress = Progress { _, _ -> if (++outcomes == 40) underWay.set() }
                val download = createTask { downloadFlags(memberStates, server, client, folder, 10, tally, progress) }
                underWay.wait()
                download.cancel()
                shouldThrow<CancelledException> { download.await() }
                allTasks() shouldBe setOf(currentTask())
            }
            val saved = tally.report(server.answeringTime).saved
            saved.size shouldBeInRange 40..80
            val files = folder.path.listDirectoryEntries()
            files shouldContainExactlyInAnyOrder saved.map { fileOf(it, folder.path) }
            for (file in files) ImageIO.read(file.toFile()).shouldNotBeNull().width shouldBe FLAG_WIDTH
            shouldBeClosed(server, client)
        }

        test("server and client are closed after a download, and after one that fails") {
            for (folder in listOf(tempdir().toPath(), Path.of("/dev/null/flags"))) {
                val client = webClient(1)
                val server = FlagServer(quick)
                runCatching {
                    runLoop { downloadFlags(listOf("FR"), server, client, FlagFolder(folder), 1, Tally(), nobody) }
                }
                shouldBeClosed(server, client)
            }
        }
    })

private val quick: Duration = 1.milliseconds

private val nobody = Progress { _, _ -> }

private enum class Language {
    KOTLIN,
    KOTLIN_ON_CIO,
    JAVA,
    ;

    fun download(
        codes: List<String>,
        site: FlagSite,
        folder: Path,
        maxRequests: Int = 10,
        progress: Progress = nobody,
    ): Report =
        FlagFolder(folder).use {
            val tally = Tally()
            when (this) {
                KOTLIN -> inKotlin(codes, site, it, maxRequests, tally, progress, Engine.SIMUL)
                KOTLIN_ON_CIO -> inKotlin(codes, site, it, maxRequests, tally, progress, Engine.CIO)
                JAVA -> downloadFlagsInJava(codes, site, it, maxRequests, tally, progress)
            }
            tally.report(site.answeringTime)
        }

    private fun inKotlin(
        codes: List<String>,
        site: FlagSite,
        folder: FlagFolder,
        maxRequests: Int,
        tally: Tally,
        progress: Progress,
        engine: Engine,
    ) = runLoop { downloadFlags(codes, site, webClient(maxRequests, engine), folder, maxRequests, tally, progress) }
}

/** A server that answers nobody before [crowd] requests are in flight, and then takes a moment, in which more might come. */
private class CrowdedServer(
    private val crowd: Int,
) : FlagServer() {
    private val crowded = CompletableDeferred<Unit>()

    override suspend fun ponder(code: String) {
        if (mostInFlight >= crowd) crowded.complete(Unit)
        crowded.await()
        delay(10)
    }
}

private fun without(missing: String) = Trouble { code, _ -> if (code == missing) HttpStatusCode.NotFound else null }

private fun fileOf(
    code: String,
    folder: Path,
): Path = folder.resolve("${fileNameOf(countryIn(metadataOf(code)))}.png")

private fun shouldBeClosed(
    server: FlagServer,
    client: HttpClient? = null,
) {
    // Ktor's threads may not be through with it yet.
    val begin = TimeSource.Monotonic.markNow()
    while ((client?.isActive == true || server.listens()) && begin.elapsedNow() < 60.seconds) Thread.sleep(10)
    (client?.isActive ?: false) shouldBe false
    server.listens() shouldBe false
}

private fun FlagServer.listens(): Boolean =
    try {
        Socket("127.0.0.1", URI(base).port).close()
        true
    } catch (_: ConnectException) {
        false
    }
