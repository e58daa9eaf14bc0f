// SPDX-License-Identifier: Apache-2.0
package dev.simul.files

import dev.simul.aclosing
import dev.simul.createTask
import dev.simul.exceptions.CancelledException
import dev.simul.house.Leftovers
import dev.simul.net.until
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import kotlinx.coroutines.flow.toList
import java.nio.charset.CharacterCodingException
import java.nio.charset.Charset
import java.nio.charset.MalformedInputException
import java.nio.file.NoSuchFileException
import java.nio.file.Path
import kotlin.io.path.readBytes
import kotlin.io.path.readText
import kotlin.io.path.writeBytes
import kotlin.io.path.writeText

private const val MIXED = "one\ntwo\r\nthree\rfour"

private suspend fun linesOf(
    path: Path,
    newline: String?,
): List<String> =
    openTextFile(path, newline = newline).use { file ->
        buildList {
            while (true) add(file.readline().ifEmpty { break })
        }
    }

class AsyncTextFileTest :
    FunSpec({
        test("the ends of lines are found as in Python") {
            onFiles { folder ->
                val path = folder.resolve("a").apply { writeText(MIXED) }
                linesOf(path, null) shouldBe listOf("one\n", "two\n", "three\n", "four")
                linesOf(path, "") shouldBe listOf("one\n", "two\r\n", "three\r", "four")
                linesOf(path, "\n") shouldBe listOf("one\n", "two\r\n", "three\rfour")
                linesOf(path, "\r") shouldBe listOf("one\ntwo\r", "\nthree\r", "four")
                linesOf(path, "\r\n") shouldBe listOf("one\ntwo\r\n", "three\rfour")
                path.writeText("one\r")
                linesOf(path, null) shouldBe listOf("one\n")
                linesOf(path, "") shouldBe listOf("one\r")
                linesOf(path, "\r\n") shouldBe listOf("one\r")
            }
        }

        test("an end that lies across two reads is one end") {
            onFiles { folder ->
                val first = "x".repeat(ReadAhead.AHEAD - 1)
                val path = folder.resolve("a").apply { writeText("$first\r\ny\r\n") }
                linesOf(path, null) shouldBe listOf("$first\n", "y\n")
                linesOf(path, "") shouldBe listOf("$first\r\n", "y\r\n")
                linesOf(path, "\r\n") shouldBe listOf("$first\r\n", "y\r\n")
            }
        }

        test("another newline is refused") {
            onFiles { folder ->
                shouldThrow<IllegalArgumentException> { openTextFile(folder, newline = "\t\n") }.message shouldContain "\\n"
            }
        }

        test("the ends of lines are written as in Python") {
            onFiles { folder ->
                val path = folder.resolve("a")
                for ((newline, written) in mapOf("" to "a\nb\r\n", "\n" to "a\nb\r\n", "\r\n" to "a\r\nb\r\r\n", "\r" to "a\rb\r\r")) {
                    openTextFile(path, "w", newline = newline).use { it.write("a\nb\r\n") }
                    path.readText() shouldBe written
                }
                openTextFile(path, "w").use { it.write("a\n") }
                path.readText() shouldBe "a" + System.lineSeparator()
            }
        }

        test("lines, as a generator and as a flow, are without their ends") {
            onFiles { folder ->
                val path = folder.resolve("a").apply { writeText(MIXED) }
                openTextFile(path).use { it.lines().toList() } shouldBe listOf("one", "two", "three", "four")
                openTextFile(path, newline = "").use { it.lines().toList() } shouldBe listOf("one", "two", "three", "four")
                openTextFile(path, newline = "\r\n").use { it.lines().toList() } shouldBe listOf("one\ntwo", "three\rfour")
                openTextFile(path).use { file ->
                    aclosing(file.lines()) { lines -> for (line in lines) if (line == "two") break }
                    file.readline() shouldBe "three\n"
                }
                lines(path).toList() shouldBe listOf("one", "two", "three", "four")
                path.writeText("\n\na\n")
                lines(path).toList() shouldBe listOf("", "", "a")
            }
        }

        test("a generator of lines opens its file with the first line, and closes it when it is closed") {
            onFiles { folder ->
                val path = folder.resolve("a").apply { writeText(MIXED) }
                val leftovers = Leftovers()
                val lines = lines(path)
                openBelow(folder).size shouldBe 0
                aclosing(lines) {
                    it.anext() shouldBe "one"
                    openBelow(folder).size shouldBe 1
                }
                openBelow(folder).size shouldBe 0
                leftovers.now() shouldBe emptyList()
                shouldThrow<NoSuchFileException> { lines(folder.resolve("missing")).anext() }
            }
        }

        test("characters are read whole, though their bytes lie across two reads") {
            onFiles { folder ->
                val text = "x" + "äöü€😀".repeat(50_000)
                val path = folder.resolve("a").apply { writeText(text) }
                openTextFile(path).use { it.read() } shouldBe text
                openTextFile(path).use { file ->
                    val parts = StringBuilder()
                    while (true) parts.append(file.read(4_999).ifEmpty { break })
                    "$parts" shouldBe text
                }
            }
        }

        test("other charsets are read and written") {
            onFiles { folder ->
                val path = folder.resolve("a")
                for (name in listOf("ISO-8859-1", "UTF-16", "UTF-16LE", "UTF-32")) {
                    val charset = Charset.forName(name)
                    openTextFile(path, "w", charset).use { file ->
                        file.write("ä\n")
                        file.write("ö\n")
                    }
                    path.readBytes() shouldBe "ä\nö\n".toByteArray(charset)
                    openTextFile(path, "r", charset).use { it.lines().toList() } shouldBe listOf("ä", "ö")
                    lines(path, charset).toList() shouldBe listOf("ä", "ö")
                }
            }
        }

        test("what is not of the charset fails") {
            onFiles { folder ->
                val path = folder.resolve("a").apply { writeBytes(byteArrayOf(65, -1)) }
                shouldThrow<MalformedInputException> { openTextFile(path).use { it.read() } }
                shouldThrow<MalformedInputException> { readText(path) }
                path.writeBytes("ä".encodeToByteArray().copyOf(1))
                openTextFile(path).use { file ->
                    shouldThrow<MalformedInputException> { file.read() }
                    file.read() shouldBe ""
                }
                openTextFile(path, "w", Charsets.US_ASCII).use { file ->
                    shouldThrow<CharacterCodingException> { file.write("ä") }
                    shouldThrow<CharacterCodingException> { file.write("\uD83D") }
                    file.write("a")
                }
                path.readText() shouldBe "a"
                shouldThrow<CharacterCodingException> { writeText(path, "ä", Charsets.US_ASCII) }
                path.readText() shouldBe "a"
            }
        }

        test("text that was read by a cancelled task is there for the next") {
            onFiles { folder ->
                val path = folder.resolve("a").apply { writeText("one\ntwo\n") }
                openTextFile(path).use { file ->
                    val threads = holdThreads()
                    val reading = createTask { file.readline() }
                    until { threads.size == 1 }
                    threads.runHeld()
                    reading.cancel()
                    shouldThrow<CancelledException> { reading.await() }
                    threads.letGo()
                    file.readline() shouldBe "one\n"
                    file.read() shouldBe "two\n"
                }
            }
        }

        test("a file of text is written, appended to, forced to the device and closed") {
            onFiles { folder ->
                val path = folder.resolve("a")
                openTextFile(path, "x").use { it.write("one\n") }
                val file = openTextFile(path, "a")
                file.write("two\n")
                file.fsync()
                shouldThrow<IllegalStateException> { file.read() }
                file.path shouldBe path
                "$file" shouldBe "<AsyncTextFile $path, mode \"a\">"
                file.aclose()
                file.isClosed shouldBe true
                shouldThrow<IllegalStateException> { file.write("three\n") }
                readText(path).lines() shouldBe listOf("one", "two", "")
            }
        }
    })
