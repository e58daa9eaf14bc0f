// SPDX-License-Identifier: Apache-2.0
package dev.simul.house

import com.tngtech.archunit.core.domain.JavaClass
import com.tngtech.archunit.core.importer.ClassFileImporter
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactlyInAnyOrder
import kotlin.io.path.Path

class ThreadsAndSignalsTest :
    FunSpec({
        val runtime = ClassFileImporter().importPath(Path(System.getProperty("basedir") ?: "", "target/classes"))

        test("platform threads are made in one place") {
            runtime.thatCreate("java.lang.Thread") shouldContainExactlyInAnyOrder listOf("dev.simul.loop.DaemonThread")
            runtime.thatCall("kotlin.concurrent.ThreadsKt", "thread") shouldContainExactlyInAnyOrder emptyList()
        }

        test("names of signals are parsed in one place") {
            runtime.thatCreate("sun.misc.Signal") shouldContainExactlyInAnyOrder listOf("dev.simul.loop.ProcessSignal\$Companion")
        }
    })

/** The classes that call a constructor of [type], be it as that of their superclass. */
private fun Iterable<JavaClass>.thatCreate(type: String): List<String> =
    filter { user -> user.constructorCallsFromSelf.any { it.targetOwner.name == type } }.map { it.name }

private fun Iterable<JavaClass>.thatCall(
    type: String,
    method: String,
): List<String> = filter { user -> user.methodCallsFromSelf.any { it.targetOwner.name == type && it.name == method } }.map { it.name }
