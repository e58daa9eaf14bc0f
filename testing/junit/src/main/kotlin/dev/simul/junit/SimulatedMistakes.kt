// SPDX-License-Identifier: Apache-2.0
package dev.simul.junit

import dev.simul.junit.Mistakes.fail
import dev.simul.junit.Mistakes.nameOf
import org.junit.jupiter.api.TestFactory
import org.junit.jupiter.api.TestInstance
import org.junit.jupiter.api.TestTemplate
import org.junit.jupiter.api.extension.ExtensionContext
import org.junit.platform.commons.support.AnnotationSupport.isAnnotated
import org.junit.platform.commons.support.HierarchyTraversalMode
import org.junit.platform.commons.support.ReflectionSupport
import java.lang.reflect.Method

/** Finds what cannot be run in simulations, among the methods of a class that are marked by [Simulated]. */
internal object SimulatedMistakes {
    /** @throws org.junit.jupiter.api.extension.ExtensionConfigurationException which names the first mistake. */
    fun check(context: ExtensionContext) {
        val classes = context.requiredTestInstances.allInstances.map { it.javaClass }
        ReflectionSupport
            .findMethods(classes.last(), { !it.isSynthetic && isAnnotated(it, Simulated::class.java) }, HierarchyTraversalMode.TOP_DOWN)
            .forEach { check(it, classes) }
        if (context.testInstanceLifecycle.orElse(null) == TestInstance.Lifecycle.PER_CLASS) {
            val name = nameOf(context.requiredTestMethod)
            fail(
                "$name is @Simulated, and each of its runs has an instance of its own, while the tests of its class share one: " +
                    "leave TestInstance.Lifecycle.PER_CLASS out",
            )
        }
        classes.forEach(::checkConstructor)
    }

    private fun check(
        method: Method,
        classes: List<Class<*>>,
    ) {
        val name = nameOf(method)
        if (isAnnotated(method, AsyncTest::class.java) || isAnnotated(method, OnLoop::class.java) || classes.any(::isOnLoop)) {
            fail("$name is @Simulated and on a loop as well, while a simulation has loops of its own: leave @OnLoop and @AsyncTest out")
        }
        if (isAnnotated(method, TestTemplate::class.java) || isAnnotated(method, TestFactory::class.java)) {
            fail("$name is @Simulated and another kind of test as well: leave that out")
        }
        Mistakes.checkSignature(method)
        val simulation = SimulationParameter.of(method) ?: fail("$name is @Simulated and takes no Simulation: ${remedy(method)}")
        checkParameters(method)
        if (simulation.isOfFacade != wantsFacade(method)) fail("$name takes the Simulation of the other language: ${remedy(method)}")
        for (other in SimulatedTest.methodsBefore(classes) + SimulatedTest.methodsAfter(classes)) checkAround(other, simulation, method)
    }

    private fun isOnLoop(type: Class<*>) = isAnnotated(type, OnLoop::class.java)

    private fun checkParameters(method: Method) {
        val count = method.parameterTypes.count(SimulationParameter::isSimulation)
        if (count > 1) fail("${nameOf(method)} takes $count Simulations: there is one, so leave the others out")
    }

    /** A method before or after each test. */
    private fun checkAround(
        other: Method,
        simulation: SimulationParameter,
        test: Method,
    ) {
        val parameters = other.parameterTypes.size - (if (other.isSuspend) 1 else 0)
        val own = SimulationParameter.of(other)
        if (parameters > (if (own == null) 0 else 1)) {
            fail("${nameOf(other)} runs with ${nameOf(test)}, which is @Simulated: let it take the Simulation, or nothing")
        }
        val isOtherLanguage = (own != null && own.isOfFacade != simulation.isOfFacade) || (other.isSuspend && simulation.isOfFacade)
        if (isOtherLanguage) fail("${nameOf(other)} cannot run with ${nameOf(test)}: one is Kotlin's, the other Java's")
    }

    /** A coroutine awaits by itself, and what Java compiles awaits as a body; other functions of Kotlin may do either. */
    private fun wantsFacade(method: Method): Boolean =
        when {
            method.isSuspend -> false
            isOfKotlin(method) -> SimulationParameter.of(method)!!.isOfFacade
            else -> true
        }

    private fun remedy(method: Method) =
        if (isOfKotlin(method)) {
            "make it `suspend fun Simulation.…`, of ${SimulationParameter.OWN}"
        } else {
            "let it take a ${SimulationParameter.FACADE}"
        }

    private fun isOfKotlin(method: Method) = method.declaringClass.isAnnotationPresent(Metadata::class.java)

    private fun checkConstructor(type: Class<*>) {
        val parameters = if (type.isInner) 1 else 0
        if (type.declaredConstructors.none { it.parameterCount == parameters }) {
            fail("${type.name} has @Simulated tests, and each run makes an instance of it: give it a constructor without parameters")
        }
    }
}
