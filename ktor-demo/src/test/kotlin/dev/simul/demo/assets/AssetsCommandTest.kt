// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.assets

import com.github.ajalt.clikt.testing.CliktCommandTestResult
import com.github.ajalt.clikt.testing.test
import dev.simul.demo.Demo
import dev.simul.demo.DemoProcess
import dev.simul.demo.LONGEST_BODY
import dev.simul.demo.RawServer
import dev.simul.demo.shouldRefuse
import dev.simul.demo.webClient
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.engine.spec.tempfile
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContainExactlyInAnyOrder
import io.kotest.matchers.ints.shouldBeGreaterThan
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldBeEmpty
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldEndWith
import io.kotest.matchers.string.shouldMatch
import io.kotest.matchers.string.shouldStartWith
import kotlinx.serialization.json.Json
import kotlinx.serialization.json.int
import kotlinx.serialization.json.jsonArray
import kotlinx.serialization.json.jsonObject
import kotlinx.serialization.json.jsonPrimitive
import java.io.File
import java.net.InetAddress
import java.net.ServerSocket
import java.nio.file.Files
import java.nio.file.Path
import java.util.Locale
import kotlin.io.path.exists
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.seconds
import kotlin.time.TimeSource
import dev.simul.run as runLoop

class AssetsCommandTest :
    FunSpec({
        /** Runs [block] with a server and an empty folder. */
        fun fake(block: (FakeGitHub, File) -> Unit) = FakeGitHub().use { block(it, tempdir()) }

        test("all files are there, in a folder for each tag, and nothing else is") {
            fake { github, folder ->
                val result = assets(github, folder)
                result.stdout.trim().lines() shouldContainExactlyInAnyOrder
                    listOf("v1/large: 300.0 kB", "v1/small: 100 B", "v1/empty: 0 B", "3 downloaded, 0 there already, 0 failed")
                result.statusCode shouldBe 0
                folder.contents() shouldBe github.files.mapKeys { "v1/${it.key}" }.mapValues { it.value.asList() }
            }
        }

        test("what is there already is not downloaded again") {
            fake { github, folder ->
                assets(github, folder)
                github.requests.clear()
                val result = assets(github, folder)
                result.stdout shouldContain "v1/large: 300.0 kB, there already"
                result.stdout shouldEndWith "0 downloaded, 3 there already, 0 failed\n"
                github.requests.shouldBeEmpty()
            }
        }

        test("a file of another size than the release says takes the place of the one that is there") {
            fake { github, folder ->
                assets(github, folder)
                github.files["large"] = pattern(200_000, seed = 7)
                assets(github, folder).stdout shouldEndWith "1 downloaded, 2 there already, 0 failed\n"
                folder.contents().getValue("v1/large") shouldBe pattern(200_000, seed = 7).asList()
            }
        }

        context("after the server has hung up,") {
            fun cut(block: (FakeGitHub, File) -> Unit) =
                fake { github, folder ->
                    github.cutAfter = 150_000
                    val result = assets(github, folder)
                    result.statusCode shouldBe 1
                    result.stderr.trim() shouldMatch Regex("v1/large: .+ of 300000 bytes; run the same again to get the rest")
                    result.stdout shouldEndWith "2 downloaded, 0 there already, 1 failed\n"
                    folder.contents().keys shouldBe setOf("v1/empty", "v1/large.part", "v1/large.part.etag", "v1/small")
                    folder.contents().getValue("v1/large.part").size shouldBeGreaterThan 0
                    github.cutAfter = Int.MAX_VALUE
                    github.requests.clear()
                    block(github, folder)
                    folder.contents() shouldBe github.files.mapKeys { "v1/${it.key}" }.mapValues { it.value.asList() }
                }

            test("the rest is downloaded, and no more") {
                cut { github, folder ->
                    val size = folder.contents().getValue("v1/large.part").size
                    assets(github, folder).stdout shouldContain "v1/large: 300.0 kB, resumed at ${bytes(size.toLong())}"
                    github.requests shouldBe listOf("large bytes=$size-")
                }
            }

            test("a file that has changed meanwhile is downloaded from its beginning") {
                cut { github, folder ->
                    github.version = "\"two\""
                    github.files["large"] = pattern(300_000, seed = 7)
                    assets(github, folder).stdout shouldContain "v1/large: 300.0 kB\n"
                }
            }

            test("a server that knows no ranges sends all of it") {
                cut { github, folder ->
                    github.ignoresRanges = true
                    assets(github, folder).stdout shouldContain "v1/large: 300.0 kB\n"
                }
            }
        }

        context("a size that is not what the release says is an error, and leaves nothing:") {
            fun mistaken(
                claim: Int,
                hidesLengths: Boolean,
                complaint: String,
            ) = fake { github, folder ->
                github.claims["small"] = claim
                github.hidesLengths = hidesLengths
                val result = assets(github, folder)
                result.statusCode shouldBe 1
                result.stderr.trim() shouldBe "v1/small: $complaint; ask again later"
                folder.contents().keys shouldBe setOf("v1/empty", "v1/large")
            }

            test("more, as it says itself") { mistaken(90, false, "the server has 100 bytes of it, the release says 90") }

            test("less") { mistaken(110, false, "the server has 100 bytes of it, the release says 110") }

            test("more, as it turns out") { mistaken(90, true, "the server sends more than the 90 bytes that the release says") }
        }

        test("a name that leads out of the folder is refused, before anything is downloaded") {
            for (name in listOf("../evil", "..", "a/b", "a\\b", "x.part", "y.part.etag", " ", "a\nb", "a\u202eb")) {
                fake { github, folder ->
                    github.files[name] = pattern(5)
                    val result = assets(github, folder)
                    result.statusCode shouldBe 1
                    result.stderr shouldContain "does not tell of a release: an asset is called '${name.substringBefore(
                        "\n",
                    ).substringBefore("\u202e")}"
                    folder.contents().keys.shouldBeEmpty()
                }
            }
        }

        test("names that are the same on some disks are refused") {
            fake { github, folder ->
                github.files["LARGE"] = pattern(5)
                assets(github, folder).stderr shouldContain "two assets are called 'LARGE'"
                folder.contents().keys.shouldBeEmpty()
            }
        }

        test("scripts get JSON") {
            fake { github, folder ->
                github.cutAfter = 150_000
                val result = assets(github, folder, "--json")
                val summary = Json.parseToJsonElement(result.stdout).jsonObject
                listOf(
                    "downloaded",
                    "skipped",
                    "failed",
                    "unfinished",
                ).map { summary.getValue(it).jsonPrimitive.int } shouldBe listOf(2, 0, 1, 0)
                val large =
                    summary
                        .getValue(
                            "assets",
                        ).jsonArray
                        .map { it.jsonObject }
                        .single { it["name"]!!.jsonPrimitive.content == "large" }
                large["status"]!!.jsonPrimitive.content shouldBe "failed"
                large["error"]!!.jsonPrimitive.content shouldContain "of 300000 bytes"
                large["path"]!!.jsonPrimitive.content shouldBe "$folder/v1/large"
            }
        }

        test("the quiet result is one line") {
            fake { github, folder -> assets(github, folder, "--quiet").output shouldBe "3 downloaded, 0 there already, 0 failed\n" }
        }

        test("people see bars, and a line for each file in the end") {
            val folder = tempdir()
            val arguments = arrayOf("assets", "--download-dir", "$folder", "stedolan/jq", "jq-1.5")
            val result = Demo().test(*arguments, outputInteractive = true, width = 100)
            result.stdout shouldContain "━━━"
            result.stdout shouldContain Regex("jq-1.5/jq-linux64: 3.0 MB\r?\n")
            result.stdout.trim() shouldEndWith "5 downloaded, 0 there already, 0 failed"
        }

        test("the stand-in has what the article asks for, and resumes too") {
            val folder = tempdir()
            val begun = File(folder, "jq-1.6").apply { mkdirs() }
            File(begun, "jq-linux64.part").writeBytes(ReleaseServer.content(0, 1_000_000))
            File(begun, "jq-linux64.part.etag").writeText("\"jq-1.6-3953824\"")
            val result = Demo().test("assets", "--download-dir", "$folder", "stedolan/jq", "jq-1.5", "jq-1.6", "--max-req", "10")
            result.stdout shouldContain "jq-1.6/jq-linux64: 4.0 MB, resumed at 1.0 MB\n"
            result.stdout shouldEndWith "10 downloaded, 0 there already, 0 failed\n"
            for ((tag, files) in ReleaseServer.RELEASES) {
                for ((name, size) in files) {
                    File(folder, "$tag/$name").readBytes().contentEquals(ReleaseServer.content(0, size)) shouldBe true
                }
            }
        }

        test("what the API refuses is told in one line") {
            fun shouldFail(
                refusal: FakeGitHub.Refusal,
                vararg messages: String,
            ) = fake { github, folder ->
                github.refusal = refusal
                val result = assets(github, folder)
                result.statusCode shouldBe 1
                val complaint = result.stderr.trim()
                complaint.lines().size shouldBe 1
                complaint shouldStartWith "Error: "
                for (message in messages) complaint shouldContain message
                result.stdout.shouldBeEmpty()
                folder.contents().keys.shouldBeEmpty()
            }
            shouldFail(FakeGitHub.Refusal(404, "{}"), "someone/something has no release 'v1'", "check the name and the tag")
            val limit = """{"message":"API rate limit exceeded"}"""
            shouldFail(FakeGitHub.Refusal(403, limit, mapOf("X-RateLimit-Reset" to "1700000000")), "API rate limit exceeded; try again at ")
            shouldFail(
                FakeGitHub.Refusal(429, limit, mapOf("Retry-After" to "60")),
                "429 Too Many Requests: API rate limit exceeded; try again in 60 s",
            )
            shouldFail(FakeGitHub.Refusal(500, "oh"), "500 Internal Server Error")
            shouldFail(FakeGitHub.Refusal(500, """{"message":"\u001b[31mred\nhot"}"""), "500 Internal Server Error:  [31mred hot")
            shouldFail(FakeGitHub.Refusal(200, "x".repeat(LONGEST_BODY + 1)), "cannot be reached: the answer is longer than 10 MB")
            for (nonsense in listOf("<html>", "[]", "{}", """{"assets":7}""", """{"assets":[{"name":"a"}]}""", "[".repeat(100_000))) {
                shouldFail(FakeGitHub.Refusal(200, nonsense), "does not tell of a release", "--api-url")
            }
        }

        test("an API that is not there is told in one line") {
            val gone = FakeGitHub().apply { close() }
            val result = assets(gone, tempdir())
            result.statusCode shouldBe 1
            result.stderr shouldContain "${gone.address} cannot be reached: "
        }

        test("a folder that cannot be written is told in one line") {
            fake { github, _ ->
                val file = tempfile()
                val result = assets(github, File(file, "below"))
                result.statusCode shouldBe 1
                result.stderr.trim().lines().size shouldBe 1
                result.stderr shouldContain "cannot write '$file/below/v1/"
            }
        }

        test("a disk that is full is told in one line").config(enabled = Path.of("/dev/full").exists()) {
            fake { github, folder ->
                File(folder, "v1").mkdir()
                Files.createSymbolicLink(folder.toPath().resolve("v1/large.part"), Path.of("/dev/full"))
                val result = assets(github, folder)
                result.statusCode shouldBe 1
                result.stderr shouldContain "cannot write '$folder/v1/large': No space left on device; make room there"
            }
        }

        test("a mistake is told in one line, with its value and what to do") {
            fun shouldFail(
                message: String,
                vararg arguments: String,
            ) = shouldRefuse(message, "assets", *arguments)
            shouldFail("'jq' is no repository: give OWNER/REPO, such as stedolan/jq", "jq", "jq-1.6")
            shouldFail("'../x' is no tag: give one such as jq-1.6", "stedolan/jq", "../x")
            shouldFail("missing argument <tag>", "stedolan/jq")
            for (url in listOf("ftp://x", "http://x:99999", "http://a b", "http://[::1", "http://")) {
                shouldFail("'$url' is no address of an API", "--api-url", url, "stedolan/jq", "jq-1.6")
            }
            shouldFail("0 is not in the valid range of 1 to 100", "--max-req", "0", "stedolan/jq", "jq-1.6")
            shouldFail("stedolan/jq has no release 'jq-0.1'", "stedolan/jq", "jq-0.1")
        }

        test("Ctrl-C tells what is complete and what goes on from where").config(enabledOrReasonIf = DemoProcess.canBeInterrupted) {
            fake { github, folder ->
                github.stuckAfter = 150_000
                demo(github, folder).use { demo ->
                    repeat(2) { _ -> demo.await(Regex("^v1/(small|empty): ")) }
                    awaitPart(folder)
                    demo.interrupt()
                    demo.end() shouldBe 130
                    demo.complaints.single() shouldMatch
                        Regex(
                            "Interrupted: 2 of 3 complete, to be resumed: v1/large \\(.+ of 300.0 kB\\)\\. The same command goes on from here\\.",
                        )
                }
                val part = folder.contents().getValue("v1/large.part")
                part shouldBe pattern(300_000).take(part.size)
                github.goOn()
                val again = assets(github, folder)
                again.statusCode shouldBe 0
                again.stdout shouldContain "v1/large: 300.0 kB, resumed at "
                again.stdout shouldContain "v1/small: 100 B, there already"
                folder.contents() shouldBe github.files.mapKeys { "v1/${it.key}" }.mapValues { it.value.asList() }
            }
        }

        test("of two that download the same into one folder, one does, and the other says so") {
            fake { github, folder ->
                github.stuckAfter = 150_000
                demo(github, folder).use { first ->
                    repeat(2) { _ -> first.await(Regex("^v1/(small|empty): ")) }
                    awaitPart(folder)
                    val second = assets(github, folder)
                    second.stderr.trim() shouldBe "v1/large: another program is downloading the same; run this again when it has ended"
                    second.stdout shouldEndWith "0 downloaded, 2 there already, 1 failed\n"
                    second.statusCode shouldBe 1
                    github.goOn()
                    first.end() shouldBe 0
                }
                folder.contents() shouldBe github.files.mapKeys { "v1/${it.key}" }.mapValues { it.value.asList() }
            }
        }

        test("an answer that nobody can read fails that file alone, and leaves nothing of it") {
            val simul =
                listOf(
                    "\u001b[31mno HTTP\r\n\r\n" to "a response begins with '\\\\x1b' and not with HTTP",
                    "HTTP/1.1 200 OK\r\nno header\r\n\r\n" to "a blank is before the colon of a header: 'no header'",
                )
            val cio =
                listOf(
                    "\u001b[31mno HTTP\r\n\r\n" to "Unsupported HTTP version: .*",
                    "HTTP/1.1 200 OK\r\nno header\r\n\r\n" to "Character with code 32 is not allowed in header names.*",
                )
            val both =
                listOf(
                    "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:99999/\r\nContent-Length: 0\r\n\r\n" to "Fail to parse url.*",
                    "HTTP/1.1 302 Found\r\nLocation: /\r\nContent-Length: 0\r\n\r\n" to "too many redirects",
                    "HTTP/1.1 200 OK\r\nContent-Length: 300000\r\n\r\nabc" to "the server closed the connection too early",
                )
            for ((engine, answers) in mapOf("simul" to simul + both, "cio" to cio + both)) {
                for ((answer, complaint) in answers) {
                    RawServer { answer.toByteArray() }.use { server ->
                        fake { github, folder ->
                            github.elsewhere["large"] = server.base
                            val result = assets(github, folder, "--engine", engine)
                            result.stderr.trimEnd() shouldMatch Regex("v1/large: $complaint; run the same again")
                            result.stderr.filter { it < ' ' } shouldBe "\n"
                            result.stdout shouldEndWith "2 downloaded, 0 there already, 1 failed\n"
                            result.statusCode shouldBe 1
                            folder.contents().keys shouldBe setOf("v1/empty", "v1/small")
                        }
                    }
                }
            }
        }

        test("headers without end fail that file alone, and in one line, however little memory there is") {
            RawServer("HTTP/1.1 200 OK\r\n", endless = "x-name: value\r\n").use { server ->
                fake { github, folder ->
                    github.elsewhere["large"] = server.base
                    demo(github, folder, listOf("-Xmx24m")).use { demo ->
                        demo.rest().last() shouldEndWith "2 downloaded, 0 there already, 1 failed"
                        demo.end() shouldBe 1
                        demo.complaints shouldBe listOf("v1/large: the answer's headers are longer than 64 KB; run the same again")
                    }
                    folder.contents().keys shouldBe setOf("v1/empty", "v1/small")
                }
            }
        }

        test("a server that never answers fails that file") {
            ServerSocket(0, 1, InetAddress.getByName("127.0.0.1")).use { silent ->
                val asset = Asset("large", 300_000, "http://127.0.0.1:${silent.localPort}/")
                val download = Download("v1", asset, tempdir().toPath())
                runLoop { webClient(1).use { Downloader(it, 1, Silence, patience = 100.milliseconds).all(listOf(download)) } }
                download.outcome shouldBe Outcome.Failed("nothing came for 100ms; run the same again")
            }
        }

        test("sizes are said in English, wherever one is") {
            val here = Locale.getDefault()
            Locale.setDefault(Locale.GERMANY)
            try {
                bytes(1_500) shouldBe "1.5 kB"
                bytes(3_100_000) shouldBe "3.1 MB"
            } finally {
                Locale.setDefault(here)
            }
        }
    })

private fun assets(
    github: FakeGitHub,
    folder: File,
    vararg options: String,
): CliktCommandTestResult =
    Demo().test("assets", *options, "--api-url", github.address, "--download-dir", "$folder", "someone/something", "v1")

private fun demo(
    github: FakeGitHub,
    folder: File,
    jvmArguments: List<String> = emptyList(),
) = DemoProcess(
    *arrayOf("assets", "--api-url", github.address, "--download-dir", "$folder", "someone/something", "v1"),
    jvmArguments = jvmArguments,
)

/** Waits until a part of `v1/large` is there, as well as the name of its version. */
private fun awaitPart(folder: File) {
    val begin = TimeSource.Monotonic.markNow()
    while (AssetFile(folder.toPath().resolve("v1/large")).beginning(300_000) == null) {
        check(begin.elapsedNow() < 60.seconds) { "nothing of v1/large has come" }
        Thread.sleep(10)
    }
}

/** All files below, by their names. */
private fun File.contents(): Map<String, List<Byte>> =
    walk().filter { it.isFile }.associate { it.relativeTo(this).invariantSeparatorsPath to it.readBytes().asList() }.toSortedMap()
