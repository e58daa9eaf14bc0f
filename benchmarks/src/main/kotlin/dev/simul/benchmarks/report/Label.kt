// SPDX-License-Identifier: Apache-2.0
package dev.simul.benchmarks.report

/** What the page calls a row or a program. */
internal class Label(
    val key: String,
    val text: String,
)

internal infix fun String.called(text: String) = Label(this, text)
