// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.gallery

import dev.simul.demo.gallery.coroutines.coroutines
import dev.simul.demo.gallery.drivers.drivers
import dev.simul.demo.gallery.fluent.fluent
import dev.simul.demo.gallery.fundamentals.fundamentals
import dev.simul.demo.gallery.introduction.introduction
import dev.simul.demo.gallery.scale.scale
import dev.simul.demo.gallery.simulation.simulations
import dev.simul.demo.gallery.walkthrough.walkthrough

/**
 * An introduction to asyncio, or another subject, and its programs.
 *
 * @property url where to read it; null where that is not known.
 * @property folder the package of the programs, below this one.
 * @property besides what it has besides these programs, and where that is.
 * @property hasPython whether its programs are Python's.
 */
internal class Article(
    val title: String,
    val url: String?,
    val folder: String,
    val programs: List<Program>,
    val besides: String? = null,
    val hasPython: Boolean = true,
)

/** The programs of five introductions to Python's asyncio, those that show drivers, what is past one core, and simulated systems. */
internal val gallery: List<Article> = listOf(fundamentals, walkthrough, coroutines, fluent, introduction, drivers, scale, simulations)

/** All programs of the [gallery]. */
internal val programs: List<Program> get() = gallery.flatMap { it.programs }
