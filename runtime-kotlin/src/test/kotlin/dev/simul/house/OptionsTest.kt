// SPDX-License-Identifier: Apache-2.0
package dev.simul.house

import com.tngtech.archunit.core.domain.JavaModifier
import com.tngtech.archunit.core.importer.ClassFileImporter
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContain
import kotlin.io.path.Path

class OptionsTest :
    FunSpec({
        val runtime = ClassFileImporter().importPath(Path(System.getProperty("basedir") ?: "", "target/classes"))
        val options = runtime.filter { it.simpleName.endsWith("Options") && JavaModifier.PUBLIC in it.modifiers }

        test("options can get another one: they are final, and have neither copy nor components, whose signatures would change") {
            options.map { it.simpleName } shouldContain "ConnectionOptions"
            options.filterNot { JavaModifier.FINAL in it.modifiers }.shouldBeEmpty()
            options.flatMap { it.methods }.filter { it.name == "copy" || it.name.startsWith("component") }.shouldBeEmpty()
        }
    })
