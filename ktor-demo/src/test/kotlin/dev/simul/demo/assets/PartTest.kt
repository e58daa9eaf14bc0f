// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.assets

import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.shouldBe
import java.nio.ByteBuffer
import java.nio.file.Path
import kotlin.io.path.listDirectoryEntries
import kotlin.io.path.name
import kotlin.io.path.readText
import kotlin.io.path.writeText

class PartTest :
    FunSpec({
        test("a part that is completed is the file, and nothing else is there") {
            val file = file()
            Part(file).use {
                it.open(0, "\"v1\"", 5)
                it.write(bytes("hello"))
                it.complete()
            }
            file.path.readText() shouldBe "hello"
            file.names() shouldBe listOf("a")
        }

        test("a part that is closed before can be resumed, by whoever knows the version") {
            val file = file()
            Part(file).use {
                it.open(0, "\"v1\"", 5)
                it.write(bytes("hel"))
            }
            file.beginning(5)!!.validator shouldBe "\"v1\""
            Part(file).use {
                it.open(3, null, 5)
                it.write(bytes("lo"))
                it.complete()
            }
            file.path.readText() shouldBe "hello"
        }

        test("a part that cannot be resumed is not left behind") {
            for ((validator, text) in listOf(null to "hel", "\"v1\"" to "")) {
                val file = file()
                Part(file).use {
                    it.open(0, validator, 5)
                    it.write(bytes(text))
                }
                file.names() shouldBe emptyList()
            }
        }

        test("nobody else opens a part that is open, or that is not as long as it was") {
            val file = file()
            Part(file).use {
                it.open(0, "\"v1\"", 5)
                it.write(bytes("hel"))
                for (from in listOf(0L, 3L)) Part(file).use { other -> shouldThrow<Part.Taken> { other.open(from, null, 5) } }
            }
            Part(file).use { shouldThrow<Part.Taken> { it.open(2, null, 5) } }
            file.part.readText() shouldBe "hel"
        }

        test("nobody opens a part of a file that is whole by now, and nothing of that is left") {
            val file = file()
            file.path.writeText("hello")
            Part(file).use { shouldThrow<Part.Taken> { it.open(0, null, 5) } }
            file.names() shouldBe listOf("a")
        }

        test("a part that is closed already is not opened") {
            val file = file()
            val part = Part(file).apply { close() }
            shouldThrow<IllegalStateException> { part.open(0, null, 5) }
            file.names() shouldBe emptyList()
        }

        test("what no server calls a version is none") {
            for (version in listOf("", "a\nb", "\u00fc")) {
                val file = file()
                file.part.writeText("hel")
                file.version = version
                file.beginning(5) shouldBe null
            }
        }
    })

private fun FunSpec.file() = AssetFile(tempdir().toPath().resolve("a"))

private fun AssetFile.names(): List<String> = path.parent.listDirectoryEntries().map(Path::name).sorted()

private fun bytes(text: String): ByteBuffer = ByteBuffer.wrap(text.encodeToByteArray())
