// SPDX-License-Identifier: Apache-2.0
package dev.simul.junit

import org.junit.jupiter.api.AfterEach
import org.junit.jupiter.api.BeforeEach
import org.junit.platform.commons.support.AnnotationSupport.isAnnotated
import org.junit.platform.commons.support.HierarchyTraversalMode
import org.junit.platform.commons.support.ReflectionSupport
import java.lang.reflect.Method
import java.lang.reflect.Modifier

/**
 * A test method that runs in many simulations, each time on instances of its own.
 *
 * @param classes the test's class, and before it those around it, the outermost first.
 * @param arguments of the method, with anything in the simulation's place.
 */
internal class SimulatedTest(
    private val classes: List<Class<*>>,
    private val method: Method,
    private val arguments: List<Any?>,
) {
    private val before = methodsBefore(classes)
    private val after = methodsAfter(classes)

    /** Makes the instances of a run. */
    fun newRun(): Run {
        val instances = ArrayList<Any>()
        for (type in classes) {
            val outer = if (type.isInner) arrayOf(instances.last()) else emptyArray()
            instances += ReflectionSupport.newInstance(type, *outer)
        }
        return Run(instances)
    }

    /** The methods of one run, on its [instances]. */
    inner class Run(
        private val instances: List<Any>,
    ) {
        /** Calls them in a coroutine. */
        suspend fun run(simulation: Any): Unit =
            inOrder {
                val arguments = argumentsOf(it, simulation)
                if (it.isSuspend) it.callSuspending(targetOf(it), arguments) else call(it, arguments)
            }

        /** Calls them in a body. */
        fun runInBody(simulation: Any): Unit = inOrder { call(it, argumentsOf(it, simulation)) }

        /** What comes after the test is called even if that has failed. */
        private inline fun inOrder(call: (Method) -> Unit) {
            var failure: Throwable? = null
            try {
                for (each in before + method) call(each)
            } catch (e: Throwable) {
                failure = e
            }
            for (each in after) {
                try {
                    call(each)
                } catch (e: Throwable) {
                    if (failure == null) {
                        failure = e
                    } else if (e !== failure) {
                        failure.addSuppressed(e)
                    }
                }
            }
            failure?.let { throw it }
        }

        private fun call(
            method: Method,
            arguments: List<Any?>,
        ) {
            ReflectionSupport.invokeMethod(method, targetOf(method), *arguments.toTypedArray())
        }

        private fun targetOf(method: Method): Any = instances.last { method.declaringClass.isInstance(it) }

        private fun argumentsOf(
            called: Method,
            simulation: Any,
        ): List<Any?> {
            val parameter = SimulationParameter.of(called)
            if (called != method) return listOfNotNull(parameter?.let { simulation })
            return arguments.mapIndexed { index, argument -> if (index == parameter?.index) simulation else argument }
        }
    }

    companion object {
        /** The methods marked [BeforeEach] of [classes], in JUnit's order. */
        fun methodsBefore(classes: List<Class<*>>): List<Method> =
            classes.flatMap { marked(it, BeforeEach::class.java, HierarchyTraversalMode.TOP_DOWN) }

        /** The methods marked [AfterEach] of [classes], in JUnit's order. */
        fun methodsAfter(classes: List<Class<*>>): List<Method> =
            classes.reversed().flatMap { marked(it, AfterEach::class.java, HierarchyTraversalMode.BOTTOM_UP) }

        private fun marked(
            type: Class<*>,
            mark: Class<out Annotation>,
            order: HierarchyTraversalMode,
        ): List<Method> = ReflectionSupport.findMethods(type, { !it.isSynthetic && isAnnotated(it, mark) }, order)
    }
}

/** Whether an instance of it belongs to one of the class around it. */
internal val Class<*>.isInner: Boolean get() = isMemberClass && !Modifier.isStatic(modifiers)
