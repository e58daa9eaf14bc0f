// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.flags

import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import java.io.IOException
import kotlin.io.path.createDirectories
import kotlin.io.path.createFile
import kotlin.io.path.listDirectoryEntries
import kotlin.io.path.readBytes

class FlagFileTest :
    FunSpec({
        val image = byteArrayOf(1, 2, 3)

        test("a saved flag is the only file there") {
            val folder = tempdir().toPath()
            saveFlag(image, folder.resolve("fr.png"))
            folder.listDirectoryEntries() shouldContainExactly listOf(folder.resolve("fr.png"))
            folder.resolve("fr.png").readBytes() shouldBe image
        }

        test("what another process saves at the same time does not get in the way") {
            val folder = tempdir().toPath()
            val name = ".fr.png.${ProcessHandle.current().pid()}.part"
            unfinished(folder.resolve("fr.png")) shouldBe folder.resolve(name)
        }

        test("a flag that is saved again takes the place of the first") {
            val file = tempdir().toPath().resolve("fr.png")
            saveFlag(byteArrayOf(9), file)
            saveFlag(image, file)
            file.readBytes() shouldBe image
        }

        test("a flag that cannot be moved to its place leaves nothing behind") {
            val folder = tempdir().toPath()
            val taken = folder.resolve("fr.png").createDirectories()
            taken.resolve("something").createFile()
            shouldThrow<IOException> { saveFlag(image, taken) }
            folder.listDirectoryEntries() shouldContainExactly listOf(taken)
        }

        test("a country's name becomes one that any file system takes") {
            fileNameOf("France") shouldBe "France"
            fileNameOf("United States") shouldBe "United_States"
            fileNameOf("São Tomé & Príncipe") shouldBe "Sao_Tome_&_Principe"
            fileNameOf("Côte d’Ivoire") shouldBe "Cote_d'Ivoire"
            fileNameOf("../../etc/passwd") shouldBe "etc_passwd"
            fileNameOf("a".repeat(1000)) shouldBe "a".repeat(100)
        }

        test("a name of which nothing is left is none") {
            for (name in listOf("", " ", "..", "中国")) fileNameOf(name) shouldBe null
        }

        test("the names of all member states differ") {
            memberStates.map { fileNameOf(countryIn(metadataOf(it))) }.toSet().size shouldBe memberStates.size
        }
    })
