// SPDX-License-Identifier: Apache-2.0
package dev.simul.house

import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContain
import io.kotest.matchers.shouldBe
import java.nio.file.Path
import kotlin.io.path.readLines
import kotlin.io.path.readText

/** What the module's descriptor exports, against the public API. That it links, `.ci/modules` sees. */
class ModuleTest :
    FunSpec({
        val module = Path.of(System.getProperty("basedir") ?: "")
        val descriptor = module.resolve("src/main/module/module-info.java").readText()
        val exported = EXPORT.findAll(descriptor).associate { it.groupValues[1] to it.groupValues[2] }

        test("every package that has something public is exported, and no other") {
            val public =
                module.resolve("api/simul-runtime.api").readLines().mapNotNullTo(sortedSetOf()) { line ->
                    TYPE.find(line)?.groupValues?.get(1)?.replace('/', '.')
                }
            public shouldContain "dev.simul.transports"
            exported.keys.sorted() shouldBe public.toList()
        }

        test("what serves the facade and its tests is exported to these alone") {
            exported.filterValues { it.isNotEmpty() } shouldBe
                mapOf(
                    "dev.simul.interop" to "dev.simul.facade, dev.simul.junit, dev.simul.netty",
                )
        }
    })

private val EXPORT = Regex("""exports ([\w.]+)(?: to ([\w., ]+))?;""")
private val TYPE = Regex("""^public .*(?:class|interface) ([\w/]+)/\w+""")
