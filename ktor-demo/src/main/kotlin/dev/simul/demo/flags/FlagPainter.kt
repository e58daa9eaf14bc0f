// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.flags

import java.awt.Color
import java.awt.image.BufferedImage
import java.io.ByteArrayOutputStream
import javax.imageio.ImageIO
import javax.imageio.stream.MemoryCacheImageOutputStream
import kotlin.math.abs
import kotlin.math.hypot

/** The width of a flag in pixels. */
internal const val FLAG_WIDTH = 96

/** The height of a flag in pixels. */
internal const val FLAG_HEIGHT = 64

/**
 * Paints a flag as a PNG.
 *
 * The flags are invented: no country's real one, but always the same for the same code, and another for every other code.
 *
 * @throws IllegalArgumentException if [code] is not two letters from `aa` to `zz`.
 */
internal fun paintFlag(code: String): ByteArray {
    val number = numberOf(code)
    val design = designs[number % designs.size]
    val colors = threeColors(number / designs.size)
    val image = BufferedImage(FLAG_WIDTH, FLAG_HEIGHT, BufferedImage.TYPE_INT_RGB)
    for (y in 0 until FLAG_HEIGHT) {
        for (x in 0 until FLAG_WIDTH) {
            val part = design.partAt((x + 0.5) / FLAG_HEIGHT, (y + 0.5) / FLAG_HEIGHT)
            image.setRGB(x, y, colors[part].rgb)
        }
    }
    return png(image)
}

/** Which of a flag's three colours a point has; its flagpole is at x = 0, its fly end at x = 1.5, its top at y = 0, its foot at 1. */
private fun interface Design {
    fun partAt(
        x: Double,
        y: Double,
    ): Int
}

private val designs =
    listOf(
        Design { _, y -> (y * 3).toInt() },
        Design { x, _ -> (x * 2).toInt() },
        Design { x, y -> halves(y, emblem = hypot(x - 0.75, y - 0.5) < 0.3) },
        Design { x, y -> cross(abs(x - 0.5), abs(y - 0.5)) },
        Design { x, y -> cross(abs(x - 0.75), abs(y - 0.5)) },
        Design { x, y -> halves(y, emblem = x < 0.75 - abs(y - 0.5) * 1.5) },
        Design { x, y -> cross(abs(y - x / 1.5), 1.0) },
    )

/** A cross with a rim, by the distances from its two beams. */
private fun cross(
    fromUpright: Double,
    fromLevel: Double,
): Int {
    val distance = minOf(fromUpright, fromLevel)
    return when {
        distance < 0.08 -> 0
        distance < 0.14 -> 1
        else -> 2
    }
}

/** An emblem over two stripes. */
private fun halves(
    y: Double,
    emblem: Boolean,
): Int =
    when {
        emblem -> 0
        y < 0.5 -> 1
        else -> 2
    }

private val paints =
    listOf(0xC8102E, 0xFFFFFF, 0x003893, 0xFFCD00, 0x00843D, 0x111111, 0x6CACE4, 0xFF6A13).map { Color(it) }

/** The [number]th way to take three different paints. */
private fun threeColors(number: Int): List<Color> {
    val left = paints.toMutableList()
    var rest = number
    return List(3) {
        val choices = left.size
        left.removeAt(rest % choices).also { rest /= choices }
    }
}

private fun numberOf(code: String): Int {
    val isCode = code.length == 2 && code.all { it in 'a'..'z' }
    require(isCode) { "'$code' is no country code: give two letters from a to z" }
    return (code[0] - 'a') * 26 + (code[1] - 'a')
}

private fun png(image: BufferedImage): ByteArray {
    val bytes = ByteArrayOutputStream()
    MemoryCacheImageOutputStream(bytes).use { check(ImageIO.write(image, "png", it)) { "this JDK writes no PNG" } }
    return bytes.toByteArray()
}
