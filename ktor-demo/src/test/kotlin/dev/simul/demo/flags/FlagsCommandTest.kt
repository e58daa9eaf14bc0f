// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.flags

import com.github.ajalt.clikt.testing.CliktCommandTestResult
import com.github.ajalt.clikt.testing.test
import dev.simul.demo.Demo
import dev.simul.demo.RawServer
import dev.simul.demo.shouldRefuse
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.engine.spec.tempfile
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContainExactlyInAnyOrder
import io.kotest.matchers.collections.shouldHaveSize
import io.kotest.matchers.doubles.shouldBeGreaterThan
import io.kotest.matchers.ints.shouldBeGreaterThanOrEqual
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldBeEmpty
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldMatch
import io.ktor.http.HttpStatusCode
import kotlinx.serialization.json.Json
import kotlinx.serialization.json.JsonElement
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.double
import kotlinx.serialization.json.int
import kotlinx.serialization.json.jsonArray
import kotlinx.serialization.json.jsonObject
import kotlinx.serialization.json.jsonPrimitive
import java.nio.file.Path
import kotlin.io.path.exists
import kotlin.io.path.listDirectoryEntries
import kotlin.io.path.name
import kotlin.io.path.readText
import kotlin.time.Duration.Companion.milliseconds
import dev.simul.run as runLoop

class FlagsCommandTest :
    FunSpec({
        test("without a name, the demos are listed") {
            val result = Demo().test()
            result.output shouldContain "flags"
            result.output shouldContain "Downloads the flags of the world"
        }

        test("flags are saved where the user says, in a folder that is made") {
            val folder = tempdir().toPath().resolve("made/for/flags")
            val result = flags("fr", "BR", "fr", "--output", "$folder")
            result.statusCode shouldBe 0
            result.stdout shouldMatch
                Regex(
                    """
                    Downloading 2 flags from LOCAL, at most 30 requests at a time
                    1 of 2 flags
                    2 of 2 flags
                    2 saved, 0 not found, 0 failed in [0-9.]+s
                    One at a time, that would have taken [0-9.]+s\.
                    They are in ${Regex.escape("$folder")}
                    """.trimIndent() + "\n",
                )
            folder.listDirectoryEntries().map { it.name } shouldContainExactlyInAnyOrder listOf("France.png", "Brazil.png")
        }

        test("the README shows what it prints") {
            fun masked(lines: List<String>) =
                lines.filterNot { "/193" in it || "of 193 flags" in it }.map {
                    it.replace(Regex("[0-9.]+s"), "TIMEs").replace(Regex("They are in .*"), "They are in FOLDER")
                }
            val readme = Path.of("../README.md").readText()
            val shown = readme.substringAfter("$ ./simul demo flags\n").substringBefore("```").trim().lines()
            masked(flags("--output", "${tempdir()}").stdout.trim().lines()) shouldBe masked(shown)
        }

        for (all in listOf(emptyArray(), arrayOf("--all"), arrayOf("-a"))) {
            test("all flags there are, given ${all.toList()}") {
                flags(*all, "--quiet").output shouldMatch Regex("193 saved, 0 not found, 0 failed in [0-9.]+s\n")
            }
        }

        test("one letter is all codes that begin with it, in the order of the alphabet") {
            val codes = flags("z", "fr", "--json").codes()
            codes["saved"] shouldBe listOf("FR", "ZA", "ZM", "ZW")
            codes["not_found"]!! shouldHaveSize 23
        }

        test("every code is asked for, and those of no country are not found") {
            val result = flags("--every", "--max-req", "200")
            val lines = result.stdout.lines()
            lines.single { "saved" in it } shouldMatch Regex("193 saved, 483 not found, 0 failed in [0-9.]+s")
            lines.single { it.startsWith("not found: ") } shouldMatch Regex("not found: AA, AB, .* and 453 more")
            result.statusCode shouldBe 0
        }

        test("Ktor's own engine does the same") {
            flags("--engine", "cio", "--quiet").output shouldMatch Regex("193 saved, 0 not found, 0 failed in [0-9.]+s\n")
        }

        test("a limit takes the first ones") {
            flags("--limit", "3", "--json").codes()["saved"] shouldBe listOf("AD", "AE", "AF")
            flags("fr", "br", "de", "-l", "2", "--json").codes()["saved"] shouldBe listOf("BR", "DE")
            flags("fr", "-l", "1000", "--json").codes()["saved"] shouldBe listOf("FR")
        }

        test("each flag has a line, for who likes words") {
            val lines = withServer(trouble("BR" to 404, "DE" to 503)) { flags("fr", "br", "de", "--verbose", *remote(it)) }.stdout.lines()
            lines.first() shouldBe "Downloading 3 flags from REMOTE, at most 30 requests at a time"
            lines.slice(1..3).map { it.replace(Regex("http://[^/]+"), "") } shouldContainExactlyInAnyOrder
                listOf("FR OK", "BR not found: /flags/br/br.png", "DE error: 503 Service Unavailable")
            lines[4] shouldMatch Regex("1 saved, 1 not found, 1 failed in [0-9.]+s")
        }

        test("the result is an object for scripts, and nothing else") {
            val folder = tempdir().toPath()
            val result =
                withServer(trouble("BR" to 404, "DE" to 503)) { flags("fr", "br", "de", "--json", "--output", "$folder", *remote(it)) }
            val json = result.json()
            listOf("saved", "not_found", "failed").map { json.getValue(it).jsonPrimitive.int } shouldBe listOf(1, 1, 1)
            result.codes() shouldBe mapOf("saved" to listOf("FR"), "not_found" to listOf("BR"), "failed" to listOf("DE"))
            json.getValue("reasons").strings() shouldBe mapOf("503 Service Unavailable" to listOf("DE"))
            json.getValue("seconds").jsonPrimitive.double shouldBeGreaterThan 0.0
            json.getValue("sequential_seconds").jsonPrimitive.double shouldBeGreaterThan 0.0
            json.getValue("folder").jsonPrimitive.content shouldBe "$folder"
            json.getValue("interrupted").jsonPrimitive.content shouldBe "false"
            result.stderr.shouldBeEmpty()
            result.statusCode shouldBe 1
        }

        test("what was not saved is told by name; what is not found is no failure, an error is one") {
            val lost = withServer(trouble("FR" to 404)) { flags("fr", *remote(it)) }
            lost.stdout.lines().single { it.startsWith("not found") } shouldBe "not found: FR"
            lost.statusCode shouldBe 0
            val failed = withServer(trouble("BR" to 503)) { flags("br", *remote(it)) }
            failed.stdout.lines().single { it.startsWith("503") } shouldBe "503 Service Unavailable: BR"
            failed.statusCode shouldBe 1
        }

        test("the slow server makes one wait") {
            val result = flags("fr", "br", "--server", "delay", "--json")
            result.json().getValue("sequential_seconds").jsonPrimitive.double shouldBeGreaterThan 1.0
            result.codes()["saved"] shouldBe listOf("BR", "FR")
        }

        test("the server in trouble loses some flags, and says why") {
            val result = flags("-s", "ERROR", "--json")
            result.codes().values.sumOf { it.size } shouldBe 193
            result.codes().values.forEach { it.size shouldBeGreaterThanOrEqual 1 }
            result.json().getValue("reasons").jsonObject.keys shouldBe setOf("503 Service Unavailable", "418 I'm a teapot")
            result.statusCode shouldBe 1
        }

        test("a server of somebody else is asked at its base URL, with a slash at the end or without") {
            for (slash in listOf("", "/")) {
                val folder = tempdir().toPath()
                val result = withServer { flags("fr", "--quiet", "--output", "$folder", *remote(it + slash)) }
                result.output shouldMatch Regex("1 saved, 0 not found, 0 failed in [0-9.]+s\n")
                folder.listDirectoryEntries().map { it.name } shouldBe listOf("France.png")
            }
        }

        test("a server that cannot be reached is told in one line, and leaves no folder") {
            val below = tempdir().toPath()
            val nobody = RawServer { ByteArray(0) }.use { it.base }
            for (java in listOf(emptyArray(), arrayOf("--java"))) {
                for ((base, reason) in listOf(nobody to "connection refused", "http://nobody.invalid/flags" to "unknown host")) {
                    val result = flags(*java, "--output", "${below.resolve("flags")}", *remote(base))
                    result.statusCode shouldBe 1
                    result.output shouldBe "Error: cannot reach --base-url '$base': $reason; start its server, or give another\n"
                }
            }
            below.listDirectoryEntries().shouldBeEmpty()
        }

        test("a base URL that is none is told in one line") {
            for (base in listOf(
                "",
                "flags",
                "ftp://localhost/flags",
                "http://",
                "http://local host",
                "http://localhost:70000",
                "http:///x",
            )) {
                val result = flags(*remote(base))
                result.statusCode shouldBe 1
                result.output shouldBe
                    "Error: --base-url '$base' is no URL of a web server: give one such as http://localhost:8000/flags\n"
            }
        }

        test("the stack trace is for those who ask for it") {
            flags("--debug", *remote("flags")).stderr shouldContain "at dev.simul.demo.flags."
        }

        test("people see one bar, which is full in the end") {
            val folder = tempdir().toPath()
            val result = Demo().test("flags", "--limit", "3", "--output", "$folder", outputInteractive = true)
            val lines = result.stdout.split("\n")
            lines shouldHaveSize 6
            lines[0] shouldContain "Downloading"
            lines[1] shouldMatch Regex(".*flags  ━+ +3/3")
            lines[2] shouldContain "3 saved"
            lines[3] shouldContain "One at a time"
            lines[4] shouldContain "$folder"
        }

        test("the program in Java does the same") {
            val folder = tempdir().toPath()
            val result = withServer(trouble("DE" to 503)) { flags("fr", "de", "x", "--java", "--output", "$folder", *remote(it)) }
            result.stdout.lines().filter { "time" !in it }.joinToString("\n") shouldMatch
                Regex(
                    """
                    7 of 28 flags
                    14 of 28 flags
                    21 of 28 flags
                    28 of 28 flags
                    1 saved, 26 not found, 1 failed in [0-9.]+s
                    not found: XA, .*, XZ
                    503 Service Unavailable: DE
                    They are in ${Regex.escape("$folder")}
                    """.trimIndent() + "\n",
                )
            result.statusCode shouldBe 1
            folder.listDirectoryEntries().map { it.name } shouldBe listOf("France.png")
            flags("--java", "--quiet", "--engine", "cio").output shouldMatch Regex("193 saved, 0 not found, 0 failed in [0-9.]+s\n")
        }

        test("a mistake is told in one line, with its value and what to do") {
            val file = tempfile()
            shouldFail("'xx' is no member of the UN: give two letters such as fr, br or in, or the first of them", "xx")
            shouldFail("--max-req: 0 is not in the valid range of 1 to 1000", "--max-req", "0")
            shouldFail("-m: 1001 is not in the valid range of 1 to 1000", "-m", "1001")
            shouldFail("--max-req: many is not a valid integer", "--max-req", "many")
            shouldFail("--limit: 0 is smaller than the minimum valid value of 1", "--limit", "0")
            shouldFail("--server: invalid choice: far. (choose from LOCAL, DELAY, ERROR, REMOTE)", "--server", "far")
            shouldFail("--server REMOTE needs --base-url: give that too", "-s", "remote")
            shouldFail("--base-url 'http://x' is for --server REMOTE, not LOCAL: give that too", "--base-url", "http://x")
            shouldFail("codes, --all and --every exclude one another: give one", "fr", "--all")
            shouldFail("--verbose, --quiet and --json exclude one another: give one", "-v", "--json")
            shouldFail("'$file' is no directory: name one, it need not exist yet", "--output", "$file")
            shouldFail("cannot make a folder for flags '$file/below': Not a directory; name another", "--output", "$file/below")
        }

        test("a folder that takes no files is told in one line").config(enabled = Path.of("/proc").exists()) {
            for (java in listOf(emptyArray(), arrayOf("--java"))) {
                val result = flags(*java, "fr", "--quiet", "--output", "/proc")
                result.output shouldMatch Regex("Error: cannot save flags in '/proc': [^;\n]+; name another --output\n")
                result.statusCode shouldBe 1
            }
        }
    })

private fun flags(vararg arguments: String): CliktCommandTestResult = Demo().test("flags", *arguments)

private fun remote(base: String) = arrayOf("--server", "remote", "--base-url", base)

/** Does [block] with the URL of a server that is in [trouble]. */
private fun <T> withServer(
    trouble: Trouble = noTrouble,
    block: (base: String) -> T,
): T {
    val server = FlagServer(1.milliseconds, trouble)
    try {
        return block(runLoop { server.open() })
    } finally {
        runLoop { server.aclose() }
    }
}

private fun trouble(vararg statuses: Pair<String, Int>) =
    Trouble { code, _ -> statuses.toMap()[code]?.let { HttpStatusCode.fromValue(it) } }

private fun CliktCommandTestResult.json(): JsonObject = Json.parseToJsonElement(stdout).jsonObject

private fun CliktCommandTestResult.codes(): Map<String, List<String>> = json().getValue("codes").strings()

private fun JsonElement.strings(): Map<String, List<String>> =
    jsonObject.mapValues { (_, codes) -> codes.jsonArray.map { it.jsonPrimitive.content } }

private fun shouldFail(
    message: String,
    vararg arguments: String,
) = shouldRefuse(message, "flags", *arguments)
