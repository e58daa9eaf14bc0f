// SPDX-License-Identifier: Apache-2.0
package dev.simul.benchmarks.report

import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.collections.shouldNotBeEmpty
import io.kotest.matchers.maps.shouldBeEmpty
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldNotContain
import java.nio.file.Path
import kotlin.io.path.readText

class PerformancePageTest :
    FunSpec({
        test("docs/performance.md and its plot are what the renderer makes of the results") {
            val docs = Path.of("../docs")
            val files = PerformancePage(PartResult.readAll(docs.resolve("performance/results"))).files()
            for ((path, text) in files) {
                withClue(
                    "docs/$path is out of date: ./simul bench report --render",
                ) { (docs.resolve(path).readText() == text) shouldBe true }
            }
        }

        test("a page of two parts has a section for each, and a bold best value") {
            val page = pageOf(result("core", CORE), result("startup", mapOf("hello" to mapOf("simul@17" to 90.0, "jvm@17" to 41.0))))
            page shouldContain
                """
                | work, ns | Simul | kotlinx | ratio |
                | --- | ---: | ---: | ---: |
                | yield, one task | **12** | 20 | 1.7 |
                | generator, by `for` | 14 | **10** | 0.7 |

                """.trimIndent()
            page shouldContain "| **Simul in Kotlin, JDK 17** | 90 |\n"
            page shouldContain "Measured on 2026-01-02 by `./simul bench report --only core`."
            page shouldNotContain "## Echo servers\n"
        }

        test("a lost row is named with its factor and the reason, and a row that is not lost is not") {
            val page = pageOf(result("core", CORE))
            page shouldContain "- **generator, by `for`**: Simul to kotlinx (1.40). A flow cannot be iterated, so kotlinx's"
            page shouldNotContain "**yield, one task**"
            val won = mapOf("generatorItems" to mapOf("simul@17" to 10.0, "kotlinx@17" to 10.2))
            pageOf(result("core", won)) shouldNotContain "loses, and by"
        }

        test("lost rows stand below their table") {
            val times = mapOf("simul@17" to 14.0, "kotlinx@17" to 10.0, "simul@25" to 18.0, "kotlinx@25" to 9.0)
            val page = pageOf(result("core", mapOf("generatorItems" to times)))
            page.substringAfter("### Beside kotlinx, JDK 17").substringBefore("###") shouldContain "Simul to kotlinx (1.40)."
            page.substringAfter("### Beside kotlinx, JDK 25").substringBefore("###") shouldContain "Simul to kotlinx (2.00)."
        }

        test("the reason of a lost row that nobody knows is not made up") {
            val lost = mapOf("queueOfOne" to mapOf("simul@17" to 20.0, "go" to 10.0))
            pageOf(result("core", lost)) shouldContain "**queue of one**: Simul, JDK 17 to Go (2.00). Nobody has looked into why."
        }

        test("what is missing and what failed is named, and programs that were not measured have no column") {
            val page = pageOf(result("core", CORE).copy(missing = listOf("Go"), failed = listOf("node: its program failed")))
            page shouldContain "Not installed, and so left out: Go.\n"
            page shouldContain "Not measured, since it failed: node: its program failed.\n"
            page shouldNotContain "| Go |"
        }

        test("a program with a row has its values side by side") {
            val values =
                mapOf("10/1024" to mapOf("protocol" to 254_321.0, "node" to 169_876.0), "10/10240" to mapOf("protocol" to 210_111.0))
            pageOf(result("echo", values)) shouldContain
                """
                | server | 1 KiB | 10 KiB |
                | --- | ---: | ---: |
                | **Simul, a protocol** | **254,000** | 210,000 |
                | Node | 170,000 | – |

                """.trimIndent()
        }

        test("results survive being written and read, a file for each part") {
            val folder = tempdir().toPath()
            PartResult.readAll(folder.resolve("none")).shouldBeEmpty()
            val failed = result("core", CORE).copy(failed = listOf("\"quoted\""))
            val results = listOf(failed, result("tls", mapOf("10/1024" to mapOf("go" to 1.25))))
            results.forEach { it.write(folder) }
            PartResult.readAll(folder) shouldBe results.associateBy { it.part }
        }

        test("each part of the report has a section, and each section its part") {
            for (jdks in listOf(emptyList(), listOf(17, 25))) {
                Sections.on(jdks).map { it.part } shouldBe Part.ALL.map { it.name }
                for (section in Sections.on(jdks)) section.tables.shouldNotBeEmpty()
            }
        }

        test("the JDKs are those of the figures") {
            val times = mapOf("simul@21" to 10.0, "kotlinx@21" to 20.0, "simul@26" to 9.0, "go" to 5.0)
            val page = pageOf(result("core", mapOf("yieldAlone" to times)), result("startup", mapOf("hello" to mapOf("simul@26" to 80.0))))
            page shouldContain "### Beside kotlinx, JDK 21\n"
            page shouldContain "### Beside kotlinx, JDK 26\n"
            page shouldContain "| work, ns | Simul, JDK 21 | Go |\n"
            page shouldContain "| **Simul in Kotlin, JDK 26** | 80 |\n"
            page shouldNotContain "JDK 25"
        }

        test("figures of peers alone have their table") {
            pageOf(result("core", mapOf("yieldAlone" to mapOf("go" to 5.0)))) shouldContain "| work, ns | Go |\n"
        }

        test("the memory of a body says of how many it is") {
            val values = mapOf("heapBytes" to mapOf("platform@17" to 900.0, "virtual@25" to 800.0))
            val page = pageOf(result("bodies", values))
            page shouldContain "| platform threads (1,000), JDK 17 | 900 |\n"
            page shouldContain "| virtual threads (20,000), JDK 25 | **800** |\n"
        }

        test("several machines are told apart, and nothing is said to be measured where nothing is") {
            val elsewhere = result("tls", mapOf("10/1024" to mapOf("go" to 1.0))).copy(machine = "8 processors")
            pageOf(result("core", CORE), elsewhere) shouldContain "Measured on 2 processors, and on 8 processors; with JDK 17 (17.0.1).\n"
            pageOf() shouldContain "\nNothing has been measured yet.\n"
            pageOf() shouldNotContain "Bold values"
        }

        test("what is missing stands in the section that lacks it, and nowhere else") {
            val other = result("tls", mapOf("10/1024" to mapOf("go" to 1.0)))
            val page = pageOf(result("core", CORE).copy(missing = listOf("uvloop")), other)
            page.substringAfter("## Primitives").substringBefore("## Echo") shouldContain "Not installed, and so left out: uvloop.\n"
            page.split("Not installed").size shouldBe 2
        }
    })

private val CORE =
    mapOf(
        "yieldAlone" to mapOf("simul@17" to 12.02, "kotlinx@17" to 20.4),
        "generatorItems" to mapOf("simul@17" to 14.0, "kotlinx@17" to 10.0),
    )

private fun result(
    part: String,
    values: Map<String, Map<String, Double>>,
) = PartResult(
    part,
    "2026-01-02",
    "./simul bench report --only $part",
    "2 processors",
    mapOf("JDK 17" to "17.0.1"),
    emptyList(),
    emptyList(),
    values.flatMap { (row, programs) -> programs.map { (program, value) -> Figure(row, program, value) } },
)

private fun pageOf(vararg results: PartResult) = PerformancePage(results.associateBy { it.part }).files().getValue("performance.md")
