// SPDX-License-Identifier: Apache-2.0
package dev.simul.benchmarks.report

/** A section of the page: one part's tables, with what they mean. */
internal class Section(
    val part: String,
    val title: String,
    /** What is measured, and how. */
    val introduction: String,
    val tables: List<Table>,
    /** What stands above each table; none if there are no titles. */
    val titles: List<String> = emptyList(),
    /** What follows the tables. */
    val meaning: String = "",
)
