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
    })
