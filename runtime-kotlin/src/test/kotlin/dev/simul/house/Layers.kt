// SPDX-License-Identifier: Apache-2.0
package dev.simul.house

import com.tngtech.archunit.core.domain.JavaClass
import com.tngtech.archunit.lang.ArchRule
import com.tngtech.archunit.lang.CompositeArchRule
import com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes
import com.tngtech.archunit.library.Architectures.layeredArchitecture
import com.tngtech.archunit.library.dependencies.SliceAssignment
import com.tngtech.archunit.library.dependencies.SliceIdentifier
import com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices

private const val ROOT = "root"

/** Each package with those it may import, from the bottom up; [ROOT] is the package all others lie in. */
private val MAY_IMPORT: Map<String, Set<String>> =
    buildMap {
        put("context", emptySet())
        put("loop", setOf("context"))
        put("exceptions", setOf("loop"))
        put(ROOT, setOf("context", "loop", "exceptions"))

        val vocabulary = keys.toSet()
        put("sync", vocabulary)
        put("queues", vocabulary + "sync")
        put("staggered", vocabulary)
        put("repeating", vocabulary)
        put("generators", vocabulary)
        put("channels", vocabulary + "queues" + "generators")
        put("bodies", vocabulary)
        put("transports", vocabulary)
        put("tls", vocabulary + "transports")
        put("net", vocabulary + "staggered" + "transports" + "tls")
        put("streams", vocabulary + "transports" + "tls" + "net")
        put("process", vocabulary + "transports" + "net" + "streams")
        put("files", vocabulary + "sync" + "generators" + "transports")
        put("observe", vocabulary + "bodies" + "transports")

        put("workers", vocabulary + "repeating" + "transports" + "tls" + "net" + "observe")

        put("testing", keys.toSet())
        put("interop", keys.toSet())
    }

/**
 * The rule that the packages under [base] import only what lies below them.
 *
 * A package that is not named above has no place in the house yet, and fails the rule until it gets one.
 */
fun layersOf(base: String): ArchRule {
    val packages = MAY_IMPORT.keys.associateWith { if (it == ROOT) base else "$base.$it.." }
    val layers = layeredArchitecture().consideringOnlyDependenciesInLayers().withOptionalLayers(true)
    for ((name, packageName) in packages) layers.layer(name).definedBy(packageName)
    for ((name, below) in MAY_IMPORT) {
        val layer = layers.whereLayer(name)
        if (below.isEmpty()) layer.mayNotAccessAnyLayer() else layer.mayOnlyAccessLayers(*below.toTypedArray())
    }
    val everyoneHasAPlace = classes().should().resideInAnyPackage(*packages.values.toTypedArray())
    return CompositeArchRule.of(layers.allowEmptyShould(true)).and(everyoneHasAPlace.allowEmptyShould(true))
}

/** The rule that no packages import each other, not even by a detour. */
fun noCycles(): ArchRule =
    slices()
        .assignedFrom(ByPackage)
        .should()
        .beFreeOfCycles()
        .allowEmptyShould(true)

private object ByPackage : SliceAssignment {
    override fun getIdentifierOf(javaClass: JavaClass): SliceIdentifier = SliceIdentifier.of(javaClass.packageName)

    override fun getDescription(): String = "each package"
}
