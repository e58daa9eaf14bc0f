// SPDX-License-Identifier: Apache-2.0
package dev.simul.docs

import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.ints.shouldBeGreaterThanOrEqual
import io.kotest.matchers.shouldBe
import java.nio.file.Path
import kotlin.io.path.listDirectoryEntries
import kotlin.io.path.name
import kotlin.io.path.readText

/** The tables of names in the guides for those who come from elsewhere, against what this library offers. */
class ElsewhereNamesTest :
    FunSpec({
        val runtime = Path.of("api/simul-runtime.api")
        val netty = Path.of("../netty/api/simul-netty.api")
        val offered =
            mapOf(
                "Kotlin" to PublicNames(runtime, netty),
                "Java" to PublicNames(runtime, netty, Path.of("../java-facade/api/simul-facade.api")),
            )
        val guides = Path.of("../docs/guide").listDirectoryEntries("from-*.md").sorted()

        for (guide in guides) {
            for ((language, names) in offered) {
                test("what ${guide.name} says to write in $language is there") {
                    val written = NamesPage(guide.readText()).mapped(language).map { it.copy(asyncio = emptyList()) }
                    written.size shouldBeGreaterThanOrEqual 12
                    written.filterNot { it.isKeyword || names.knows(it) }.joinToString("\n") shouldBe ""
                }
            }
        }

        test("a name that is not there is found out") {
            val page = NamesPage("| theirs | Kotlin |\n| --- | --- |\n| `launch` | `createTusk`, `Task.cancel`, `Task.start` |\n")
            val written = page.mapped("Kotlin").map { it.copy(asyncio = emptyList()) }
            written.filterNot { offered.getValue("Kotlin").knows(it) }.map { it.name } shouldBe listOf("createTusk", "Task.start")
        }
    })

private val Mapping.isKeyword get() = name.substringAfterLast(".") in setOf("try", "finally", "for", "int")
