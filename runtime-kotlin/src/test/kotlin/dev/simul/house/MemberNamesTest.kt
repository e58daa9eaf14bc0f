// SPDX-License-Identifier: Apache-2.0
package dev.simul.house

import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContain
import java.nio.file.Files
import java.nio.file.Path
import kotlin.io.path.Path
import kotlin.io.path.isRegularFile
import kotlin.io.path.readLines

/** How what can be asked of an object without arguments is called: as CPython calls it. */
class MemberNamesTest :
    FunSpec({
        val members = publicMembers()

        test("what CPython's method begins with get_ or is_ is a property, which Java sees with that name") {
            val functions = members.filter { it.isFunction && it.name.matches(Regex("(get|is|has)[A-Z].*")) }
            functions.filterNot { it.name in setOf("getNowait") || it.file in FOR_JAVA }.shouldBeEmpty()
            members.map { it.toString() } shouldContain "Event.isSet"
        }

        test("what another method of CPython says is a function, unless it is a component of a result") {
            members.filter { !it.isFunction && !it.isComponent && it.name in METHODS_OF_CPYTHON }.shouldBeEmpty()
            members.map { it.toString() } shouldContain "Handle.cancelled()"
        }
    })

/** The methods of asyncio's classes that take nothing, say something and do not begin with `get_` or `is_`. */
private val METHODS_OF_CPYTHON =
    setOf(
        "done",
        "cancelled",
        "cancelling",
        "result",
        "exception",
        "locked",
        "expired",
        "when",
        "time",
        "empty",
        "full",
        "qsize",
        "atEof",
        "canWriteEof",
        "hasNext",
    )

/** What the facade calls, and nobody else. */
private val FOR_JAVA = setOf("Call")

private class PublicMember(
    val file: String,
    val name: String,
    val isFunction: Boolean,
    val isComponent: Boolean,
) {
    override fun toString(): String = "$file.$name${if (isFunction) "()" else ""}"
}

private val FUNCTION = Regex("""^ +public (?:abstract |open |final )?fun `?(\w+)`?\(\): [A-Z].*""")
private val PROPERTY = Regex("""^ +public (?:abstract |open |final )?va[lr] `?(\w+)`?: .*""")

/** By the sources, since the compiled classes do not tell a property from a function. */
private fun publicMembers(): List<PublicMember> =
    sources().flatMap { source ->
        val file = source.fileName.toString().removeSuffix(".kt")
        source.readLines().mapNotNull { line ->
            FUNCTION.matchEntire(line)?.let { PublicMember(file, it.groupValues[1], isFunction = true, isComponent = false) }
                ?: PROPERTY.matchEntire(line)?.let { PublicMember(file, it.groupValues[1], isFunction = false, line.endsWith(",")) }
        }
    }

private fun sources(): List<Path> =
    Files.walk(Path(System.getProperty("basedir") ?: "", "src/main/kotlin")).use { files ->
        files.filter { it.isRegularFile() && it.toString().endsWith(".kt") }.toList()
    }
