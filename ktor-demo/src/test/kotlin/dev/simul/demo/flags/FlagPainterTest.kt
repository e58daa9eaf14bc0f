// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.flags

import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldHaveSize
import io.kotest.matchers.ints.shouldBeInRange
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import java.awt.image.BufferedImage
import javax.imageio.ImageIO

class FlagPainterTest :
    FunSpec({
        test("a flag is a PNG of two or three colours") {
            for (code in memberStates) {
                val image = read(paintFlag(code.lowercase()))
                image.width shouldBe 96
                image.height shouldBe 64
                image.pixels().toSet().size shouldBeInRange 2..3
            }
        }

        test("a flag is always the same") {
            for (code in memberStates) paintFlag(code.lowercase()) shouldBe paintFlag(code.lowercase())
        }

        test("no two member states have the same flag") {
            memberStates.map { read(paintFlag(it.lowercase())).pixels() }.toSet() shouldHaveSize 193
        }

        test("what is no country code has no flag") {
            for (code in listOf("", "f", "FR", "fra", "f1")) {
                shouldThrow<IllegalArgumentException> { paintFlag(code) }.message shouldContain "'$code'"
            }
        }
    })

private fun read(png: ByteArray): BufferedImage = ImageIO.read(png.inputStream())

private fun BufferedImage.pixels(): List<Int> = getRGB(0, 0, width, height, null, 0, width).asList()
