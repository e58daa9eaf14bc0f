// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo

import com.github.ajalt.clikt.testing.test
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldBeEmpty
import io.kotest.matchers.string.shouldContain

/** Runs the demo that [arguments] name, which should only say in one line, with that [message], what is wrong with them. */
internal fun shouldRefuse(
    message: String,
    vararg arguments: String,
) {
    val result = Demo().test(*arguments)
    result.statusCode shouldBe 1
    result.stderr.lines().single { it.startsWith("Error: ") } shouldContain message
    result.stdout.shouldBeEmpty()
}
