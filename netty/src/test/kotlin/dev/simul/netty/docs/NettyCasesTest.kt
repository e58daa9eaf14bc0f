// SPDX-License-Identifier: Apache-2.0
package dev.simul.netty.docs

import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.ints.shouldBeGreaterThan
import kotlin.io.path.Path
import kotlin.io.path.exists
import kotlin.io.path.readLines
import kotlin.io.path.readText

private val MODULE = Path(System.getProperty("basedir") ?: "")
private val TESTS = MODULE.resolve("src/test/kotlin/dev/simul/netty")
private val NAMED = Regex("""`(\w+Test)`(?: \*([^*]+)\*)?""")

class NettyCasesTest :
    FunSpec({
        val cases =
            MODULE.resolve("../docs/netty-cases.md").readLines().filter {
                it.startsWith("| ") && !it.startsWith("| case") && !it.startsWith("| ---")
            }

        test("each case has a test, and each test that is named is there") {
            cases.filter { NAMED.find(it) == null }.shouldBeEmpty()
            val named = cases.flatMap { NAMED.findAll(it) }
            named.filterNot(::isThere).map { it.value }.shouldBeEmpty()
            named.size shouldBeGreaterThan 80
        }
    })

private fun isThere(named: MatchResult): Boolean {
    val (test, name) = named.destructured
    val file = TESTS.resolve("$test.kt")
    return file.exists() && (name.isEmpty() || "\"$name\"" in file.readText())
}
