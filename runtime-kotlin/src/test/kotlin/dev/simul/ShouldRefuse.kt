// SPDX-License-Identifier: Apache-2.0
package dev.simul

import io.kotest.assertions.throwables.shouldThrow
import io.kotest.matchers.string.shouldContain

/** Calls [block], which must throw an [IllegalStateException] that has [reason] in its message. */
internal inline fun shouldRefuse(
    reason: String,
    block: () -> Any?,
) {
    shouldThrow<IllegalStateException>(block).message shouldContain reason
}
