// SPDX-License-Identifier: Apache-2.0
package dev.simul.junit

import dev.simul.simulation.explore
import org.junit.jupiter.api.extension.BeforeEachCallback
import org.junit.jupiter.api.extension.ExtensionContext
import org.junit.jupiter.api.extension.InvocationInterceptor
import org.junit.jupiter.api.extension.InvocationInterceptor.Invocation
import org.junit.jupiter.api.extension.ParameterContext
import org.junit.jupiter.api.extension.ParameterResolver
import org.junit.jupiter.api.extension.ReflectiveInvocationContext
import org.junit.platform.commons.support.AnnotationSupport.findAnnotation
import java.lang.reflect.Constructor
import java.lang.reflect.Method
import kotlin.time.Duration.Companion.seconds

/** Runs the methods that are marked by [Simulated]. */
internal class SimulatedExtension :
    BeforeEachCallback,
    InvocationInterceptor,
    ParameterResolver {
    override fun beforeEach(context: ExtensionContext) = SimulatedMistakes.check(context)

    /** Each run calls it, on its own instance. */
    override fun interceptBeforeEachMethod(
        invocation: Invocation<Void?>,
        invocationContext: ReflectiveInvocationContext<Method>,
        extensionContext: ExtensionContext,
    ): Unit = invocation.skip()

    override fun interceptTestMethod(
        invocation: Invocation<Void?>,
        invocationContext: ReflectiveInvocationContext<Method>,
        extensionContext: ExtensionContext,
    ) {
        invocation.skip()
        val method = invocationContext.executable
        val simulated = findAnnotation(method, Simulated::class.java).orElseThrow()
        val classes = extensionContext.requiredTestInstances.allInstances.map { it.javaClass }
        val test = SimulatedTest(classes, method, invocationContext.arguments)
        val exploration =
            with(simulated) {
                if (SimulationParameter.of(method)!!.isOfFacade) {
                    BodyRuns.explore(simulated, test)
                } else {
                    explore(seeds, budgetSeconds.seconds, schedule, firstSeed, collect) { test.newRun().run(this) }
                }
            }
        extensionContext.publishReportEntry("simulation", "$exploration")
    }

    override fun interceptAfterEachMethod(
        invocation: Invocation<Void?>,
        invocationContext: ReflectiveInvocationContext<Method>,
        extensionContext: ExtensionContext,
    ): Unit = invocation.skip()

    override fun supportsParameter(
        parameterContext: ParameterContext,
        extensionContext: ExtensionContext,
    ): Boolean =
        parameterContext.declaringExecutable !is Constructor<*> && SimulationParameter.isSimulation(parameterContext.parameter.type)

    /** JUnit wants the arguments before there is a simulation; each run puts its own into the place. */
    override fun resolveParameter(
        parameterContext: ParameterContext,
        extensionContext: ExtensionContext,
    ): Any? = null
}
