// SPDX-License-Identifier: Apache-2.0
package dev.simul.docs

import java.nio.file.Path
import kotlin.io.path.readLines

/** A name of [asyncio], and the [name] on the JVM that stands beside it. */
internal data class Mapping(
    val asyncio: List<String>,
    val name: String,
) {
    /** The classes in asyncio whose member it may be; none if it may as well be a function. */
    val owners: Set<String> get() = asyncio.map { it.substringBefore(".", "loop") }.toSet().let { if ("loop" in it) emptySet() else it }

    override fun toString() = "$name for ${asyncio.joinToString()}"
}

/** The tables of a page. */
internal class NamesPage(
    text: String,
) {
    private class Row(
        val titles: List<String>,
        val cells: List<String>,
    ) {
        /** The names in the first cell. */
        val names: List<String> = named(calls(cells[0]))

        fun cell(title: String): String? = titles.indexOf(title).takeIf { it >= 0 }?.let { cells[it] }
    }

    private val rows: List<Row> =
        buildList {
            var titles = emptyList<String>()
            for (line in text.lines()) {
                if (!line.startsWith("|")) {
                    titles = emptyList()
                    continue
                }
                val cells = line.trim().removeSurrounding("|").split("|").map { it.trim() }
                when {
                    titles.isEmpty() -> titles = cells
                    cells.all { it.all { char -> char == '-' } } -> {}
                    else -> add(Row(titles, cells))
                }
            }
        }

    /** The rows that name [name]; members of event loops may be named by themselves. */
    fun rowsFor(name: String): List<Any> {
        val spellings = setOf(name, name.removePrefix("loop."))
        return rows.filter { row -> row.names.any { it in spellings } }
    }

    /** The keyword arguments that the page names for a function. */
    fun keywordsOf(name: String): Set<String> =
        rows
            .flatMap { calls(it.cells[0]) }
            .filter { it.substringBefore("(") in setOf(name, name.removePrefix("loop.")) }
            .flatMap { call -> KEYWORD.findAll(call).map { it.groupValues[1] } }
            .toSet()

    /** What the column of that [title] names, where it names declarations. */
    fun mapped(title: String): List<Mapping> =
        rows.flatMap { row ->
            named(calls(row.cell(title).orEmpty())).map { Mapping(row.names, it) }
        }

    private companion object {
        /** The names of [calls]; one without a class is of the class that was named before it. */
        fun named(calls: List<String>): List<String> {
            var owner: String? = null
            return calls.map { call ->
                val name = call.substringBefore("(").removePrefix("asyncio.")
                val parts = name.split(".")
                if (parts.last().first().isUpperCase()) {
                    owner = null
                } else if (parts.size > 1) {
                    owner = parts[parts.size - 2].takeIf { it.first().isUpperCase() || it == "loop" }
                }
                if (parts.size > 1 || owner == null) name else "$owner.$name"
            }
        }

        val SPAN = Regex("`([^`]+)`")
        val CALL = Regex("""[A-Za-z_][\w.]*(\(.*\))?""")
        val KEYWORD = Regex("""(\w+)=""")

        /** The spans of code in a cell that are names, or calls of them. */
        fun calls(cell: String): List<String> {
            val spans = SPAN.findAll(cell).map { it.groupValues[1].substringBefore(" {") }
            return spans.filter { CALL.matches(it) }.toList()
        }
    }
}

/** What API dumps declare, by simple names. */
internal class PublicNames(
    vararg dumps: Path,
) {
    private class Type(
        val supertypes: List<String>,
    ) {
        val members = HashSet<String>()
    }

    private val types = HashMap<String, Type>()

    /** Functions and properties outside of classes, and what they extend. */
    private val functions = HashMap<String, MutableSet<String>>()

    init {
        var type = Type(emptyList())
        for (line in dumps.flatMap { it.readLines() }) {
            DECLARED.find(line)?.let { match ->
                val supertypes = line.substringAfter(" : ", "").removeSuffix(" {").split(", ")
                type = types.getOrPut(simple(match.groupValues[1])) { Type(supertypes.map(::simple)) }
            }
            val member = MEMBER.find(line) ?: continue
            val names = spellings(member.groupValues[1].substringBefore("-").removeSuffix("\$default"))
            type.members += names
            if ("static" in line) {
                val extended = FIRST.find(line)?.groupValues?.get(1)?.let(::simple)
                for (name in names) functions.getOrPut(name, ::HashSet) += extended.orEmpty()
            }
        }
    }

    fun knows(mapping: Mapping): Boolean {
        val name = mapping.name
        if (FOREIGN.any { name.startsWith(it) } || name in WORDS) return true
        val last = name.substringAfterLast(".").let { RENAMED[it] ?: it }
        if (last in types) return true
        val given = name.substringBeforeLast(".", "").substringAfterLast(".")
        if (given in types) return hasMember(given, last)
        val owners = mapping.owners.filter { it in types }
        return if (owners.isEmpty()) last in functions || isMemberOfAny(last) else owners.any { hasMember(it, last) }
    }

    private fun hasMember(
        type: String,
        name: String,
    ): Boolean =
        type in functions[name].orEmpty() ||
            types[type]?.let { name in it.members || it.supertypes.any { above -> hasMember(above, name) } } == true

    private fun isMemberOfAny(name: String) = types.values.any { name in it.members }

    private companion object {
        val DECLARED = Regex("""^public .*(?:class|interface) ([\w/$]+)""")
        val MEMBER = Regex("""^\t.*(?:fun|field) ([\w$-]+)""")
        val FIRST = Regex("""\(L([\w/$]+);""")

        /** What belongs to the JDK or to Kotlin. */
        val FOREIGN = listOf("java.", "javax.", "kotlin.")
        val WORDS =
            setOf("null", "use", "try", "for", "catch", "Predicate", "AutoCloseable", "IllegalStateException", "IllegalArgumentException") +
                setOf("NoSuchElementException", "Flow", "map", "filter", "toList")

        /** Those that the JVM knows by other names than Kotlin. */
        val RENAMED = mapOf("notifyAll" to "notifyAllWaiters")

        fun simple(type: String) = type.removeSuffix("\$Companion").substringAfterLast("/").substringAfterLast("$")

        /** A getter's name, and that of its property. */
        fun spellings(name: String): Set<String> =
            name.removePrefix("get").removePrefix("set").let { setOf(name, it, it.replaceFirstChar(Char::lowercase)) }
    }
}
