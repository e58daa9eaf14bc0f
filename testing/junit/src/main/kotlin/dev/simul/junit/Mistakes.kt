// SPDX-License-Identifier: Apache-2.0
package dev.simul.junit

import org.junit.jupiter.api.Test
import org.junit.jupiter.api.TestFactory
import org.junit.jupiter.api.TestTemplate
import org.junit.jupiter.api.extension.ExtensionConfigurationException
import org.junit.jupiter.api.extension.ExtensionContext
import org.junit.platform.commons.support.AnnotationSupport.isAnnotated
import org.junit.platform.commons.support.HierarchyTraversalMode
import org.junit.platform.commons.support.ReflectionSupport
import java.lang.reflect.Method

/** Finds the test methods of a class that JUnit would pass over, or would run as something else than they look. */
internal object Mistakes {
    /**
     * @param runsSuspend whether JUnit runs `suspend` functions.
     * @throws ExtensionConfigurationException which names the first mistake.
     */
    fun check(
        testClass: Class<*>,
        runsSuspend: Boolean = isJUnit6,
    ) {
        val tests = ReflectionSupport.findMethods(testClass, { !it.isSynthetic && isTest(it) }, HierarchyTraversalMode.TOP_DOWN)
        tests.forEach { check(it, runsSuspend) }
    }

    /** By a method that exists since then. */
    private val isJUnit6 = ExtensionContext.Store::class.java.methods.any { it.name == "computeIfAbsent" }

    private fun isTest(method: Method) = isAnnotated(method, Test::class.java) || isAnnotated(method, TestTemplate::class.java)

    private fun check(
        method: Method,
        runsSuspend: Boolean,
    ) {
        val name = nameOf(method)
        if (isAnnotated(method, AsyncTest::class.java) && isOtherwiseTest(method)) {
            fail("$name is an @AsyncTest and another kind of test as well: write @OnLoop instead of @AsyncTest")
        }
        checkSignature(method, runsSuspend)
    }

    /** @throws ExtensionConfigurationException if JUnit does not run a test method of this signature. */
    fun checkSignature(
        method: Method,
        runsSuspend: Boolean = isJUnit6,
    ) {
        val name = nameOf(method)
        if (method.isSuspend && !runsSuspend) {
            fail("$name is a suspend function, and JUnit runs such tests from version 6 on: take that, or call runTest in a plain @Test")
        }
        if (!method.returnsValue) return
        if (method.isSuspend) {
            fail("$name returns a value, and JUnit never runs such a test: declare that it returns Unit")
        } else {
            fail("$name returns a value, and JUnit never runs such a test: let it return nothing${remedyInKotlin(method)}")
        }
    }

    /** Whether it is a test of a kind that has invocations of its own. */
    fun isOtherwiseTest(method: Method): Boolean =
        isAnnotated(method, TestTemplate::class.java) || isAnnotated(method, TestFactory::class.java)

    private fun remedyInKotlin(method: Method) = if (method.isOfKotlin) ", by `: Unit`" else ""

    fun nameOf(method: Method): String = "${method.declaringClass.name}.${method.name}"

    fun fail(message: String): Nothing = throw ExtensionConfigurationException(message)
}
