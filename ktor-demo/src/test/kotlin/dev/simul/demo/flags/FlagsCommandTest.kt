package dev.simul.demo.flags

import com.github.ajalt.clikt.testing.CliktCommandTestResult
import com.github.ajalt.clikt.testing.test
import dev.simul.demo.Demo
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.engine.spec.tempfile
import io.kotest.matchers.collections.shouldContainExactlyInAnyOrder
import io.kotest.matchers.collections.shouldHaveSize
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldBeEmpty
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldMatch
import kotlin.io.path.listDirectoryEntries
import kotlin.io.path.name

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
                    Downloading 2 flags, at most 30 at a time
                    1 of 2 flags
                    2 of 2 flags
                    2 saved, 0 not found, 0 failed in [0-9.]+s
                    They are in ${Regex.escape("$folder")}
                    """.trimIndent() + "\n",
                )
            folder.listDirectoryEntries().map { it.name } shouldContainExactlyInAnyOrder listOf("fr.png", "br.png")
        }

        test("the quiet result is one line") {
            val folder = tempdir().toPath()
            val result = flags("--limit", "7", "--not-found", "2", "--fail", "1", "--quiet", "--output", "$folder")
            result.output shouldMatch Regex("4 saved, 2 not found, 1 failed in [0-9.]+s\n")
            folder.listDirectoryEntries() shouldHaveSize 4
        }

        test("what was not saved is told by name") {
            val lost = flags("fr", "--not-found", "1").stdout.lines()
            lost.single { it.startsWith("not found") } shouldBe "not found: fr"
            val failed = flags("br", "--fail", "1").stdout.lines()
            failed.single { it.startsWith("503") } shouldBe "503 Service Unavailable: br"
        }

        test("people see one bar, which is full in the end") {
            val folder = tempdir().toPath()
            val result = Demo().test("flags", "--limit", "3", "--output", "$folder", outputInteractive = true)
            val lines = result.stdout.split("\n")
            lines shouldHaveSize 5
            lines[0] shouldContain "Downloading"
            lines[1] shouldMatch Regex(".*flags  ━+ +3/3")
            lines[2] shouldContain "3 saved"
            lines[3] shouldContain "$folder"
        }

        test("a mistake is told in one line, with its value and what to do") {
            val file = tempfile()
            shouldFail("'xx' is no member of the UN: give two letters such as fr, br or in", "xx")
            shouldFail("--concurrency: 0 is not in the valid range of 1 to 1000", "--concurrency", "0")
            shouldFail("--concurrency: many is not a valid integer", "--concurrency", "many")
            shouldFail("--limit: 194 is not in the valid range of 1 to 193", "--limit", "194")
            shouldFail("'$file' is no directory: name one, it need not exist yet", "--output", "$file")
            shouldFail(
                "--not-found 2 and --fail 1 are more than the 2 flags asked for: lower them",
                *arrayOf("fr", "de", "--not-found", "2", "--fail", "1"),
            )
            shouldFail("cannot save flags in '$file/below': ", "--output", "$file/below")
        }
    })

private fun flags(vararg arguments: String): CliktCommandTestResult = Demo().test("flags", *arguments)

private fun shouldFail(
    message: String,
    vararg arguments: String,
) {
    val result = flags(*arguments)
    result.statusCode shouldBe 1
    result.stderr.lines().single { it.startsWith("Error: ") } shouldContain message
    result.stdout.shouldBeEmpty()
}
