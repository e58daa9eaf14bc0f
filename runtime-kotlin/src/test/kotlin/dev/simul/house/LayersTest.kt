// SPDX-License-Identifier: Apache-2.0
package dev.simul.house

import com.tngtech.archunit.core.domain.JavaClasses
import com.tngtech.archunit.core.importer.ClassFileImporter
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.string.shouldContain
import kotlin.io.path.Path

class LayersTest :
    FunSpec({
        val runtime = ClassFileImporter().importPath(Path(System.getProperty("basedir") ?: "", "target/classes"))

        test("a package imports only packages that lie below it") {
            layersOf("dev.simul").check(runtime)
        }

        test("no packages import each other") {
            noCycles().check(runtime)
        }

        test("an import that points upwards is a violation") {
            val failure = shouldThrow<AssertionError> { layersOf(UPWARDS).check(classesUnder(UPWARDS)) }
            failure.message shouldContain "$UPWARDS.loop.Ticker"
            failure.message shouldContain "$UPWARDS.Board"
        }

        test("a package without a place is a violation") {
            val failure = shouldThrow<AssertionError> { layersOf(HOMELESS).check(classesUnder(HOMELESS)) }
            failure.message shouldContain "$HOMELESS.misc.Drawer"
        }

        test("packages that import each other are a violation") {
            val failure = shouldThrow<AssertionError> { noCycles().check(classesUnder(UPWARDS)) }
            failure.message shouldContain "Cycle detected"
        }
    })

private const val UPWARDS = "dev.simul.house.upwards"
private const val HOMELESS = "dev.simul.house.homeless"

private fun classesUnder(base: String): JavaClasses = ClassFileImporter().importPackages(base)
