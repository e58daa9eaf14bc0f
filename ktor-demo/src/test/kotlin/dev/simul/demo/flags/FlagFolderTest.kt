// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.flags

import dev.simul.demo.Failure
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.engine.spec.tempfile
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldMatch
import java.nio.file.Path
import kotlin.io.path.createDirectories
import kotlin.io.path.createSymbolicLinkPointingTo
import kotlin.io.path.exists
import kotlin.io.path.listDirectoryEntries
import kotlin.io.path.name
import kotlin.io.path.readBytes
import kotlin.io.path.writeText

class FlagFolderTest :
    FunSpec({
        val image = byteArrayOf(1, 2, 3)

        test("a flag is saved by the name of its country") {
            val folder = FlagFolder(tempdir().toPath()).apply { make() }
            val file = folder.save(image, "Trinidad & Tobago", "TT")
            file shouldBe folder.path.resolve("Trinidad_&_Tobago.png")
            file.readBytes() shouldBe image
        }

        test("countries of one name do not overwrite each other") {
            val folder = FlagFolder(tempdir().toPath()).apply { make() }
            folder.save(image, "Congo", "CG").name shouldBe "Congo.png"
            folder.save(image, "congo", "CD").name shouldBe "congo_CD.png"
            folder.save(image, "Congo", "CG").name shouldBe "Congo.png"
        }

        test("without a name it is a temporary one") {
            val folder = FlagFolder(null).apply { make() }
            folder.path.exists() shouldBe true
            folder.close()
            folder.path.exists() shouldBe false
        }

        test("what was made and has stayed empty is removed again") {
            val below = tempdir().toPath()
            FlagFolder(below.resolve("made/for/flags")).use { it.make() }
            below.listDirectoryEntries().shouldBeEmpty()
        }

        test("what was there before stays, and so does what has something in it") {
            val there = tempdir().toPath()
            FlagFolder(there).use { it.make() }
            there.exists() shouldBe true
            FlagFolder(there.resolve("made/for/flags")).use {
                it.make()
                it.path.parent.resolve("note").writeText("mine")
            }
            there.resolve("made/for").listDirectoryEntries().map { it.name } shouldBe listOf("note")
        }

        test("a folder that cannot be made is a failure that says why, and nothing of it is left") {
            val file = tempfile().toPath()
            for ((wanted, reason) in listOf(file to "'$file' is no directory", file.resolve("below") to "[^;]+")) {
                val failure = shouldThrow<Failure> { FlagFolder(wanted).use { it.make() } }
                failure.message!! shouldMatch Regex("cannot make a folder for flags '$wanted': $reason; name another --output")
            }
        }

        test("a folder that takes no files is a failure that says why").config(enabled = Path.of("/proc").exists()) {
            val failure = shouldThrow<Failure> { FlagFolder(Path.of("/proc")).apply { make() }.save(image, "France", "FR") }
            failure.message!! shouldMatch Regex("cannot save flags in '/proc': .+; name another --output")
        }

        test("a full disk is a failure that says so, and leaves nothing behind").config(enabled = FULL.exists()) {
            val folder = FlagFolder(tempdir().toPath()).apply { make() }
            unfinished(folder.path.resolve("France.png")).createSymbolicLinkPointingTo(FULL)
            val failure = shouldThrow<Failure> { folder.save(image, "France", "FR") }
            failure.message shouldBe "cannot save flags in '${folder.path}': No space left on device; name another --output"
            folder.path.listDirectoryEntries().shouldBeEmpty()
        }

        test("a file that cannot take its place leaves nothing behind") {
            val folder = FlagFolder(tempdir().toPath()).apply { make() }
            folder.path.resolve("France.png/something").createDirectories()
            shouldThrow<Failure> { folder.save(image, "France", "FR") }
            folder.path.listDirectoryEntries().map { it.name } shouldBe listOf("France.png")
        }
    })

/** It takes nothing, as a disk that is full. */
private val FULL = Path.of("/dev/full")
