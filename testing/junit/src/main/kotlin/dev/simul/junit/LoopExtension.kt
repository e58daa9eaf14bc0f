// SPDX-License-Identifier: Apache-2.0
package dev.simul.junit

import org.junit.jupiter.api.extension.AfterEachCallback
import org.junit.jupiter.api.extension.BeforeAllCallback
import org.junit.jupiter.api.extension.BeforeEachCallback
import org.junit.jupiter.api.extension.DynamicTestInvocationContext
import org.junit.jupiter.api.extension.ExtensionContext
import org.junit.jupiter.api.extension.InvocationInterceptor
import org.junit.jupiter.api.extension.InvocationInterceptor.Invocation
import org.junit.jupiter.api.extension.ParameterContext
import org.junit.jupiter.api.extension.ParameterResolver
import org.junit.jupiter.api.extension.ReflectiveInvocationContext
import java.lang.reflect.Constructor
import java.lang.reflect.Method

/** Runs the methods of tests that are marked by [OnLoop] or [AsyncTest]. */
internal class LoopExtension :
    BeforeAllCallback,
    BeforeEachCallback,
    AfterEachCallback,
    InvocationInterceptor,
    ParameterResolver {
    override fun beforeAll(context: ExtensionContext) = Mistakes.check(context.requiredTestClass)

    override fun beforeEach(context: ExtensionContext) {
        Mistakes.check(context.requiredTestClass)
        LoopTest.begin(context)
    }

    override fun afterEach(context: ExtensionContext) {
        LoopTest.ofOrNull(context)?.runner?.close()
    }

    override fun interceptBeforeEachMethod(
        invocation: Invocation<Void?>,
        invocationContext: ReflectiveInvocationContext<Method>,
        extensionContext: ExtensionContext,
    ): Unit = run(invocation, invocationContext, extensionContext, invocationContext.executable.name)

    override fun interceptTestMethod(
        invocation: Invocation<Void?>,
        invocationContext: ReflectiveInvocationContext<Method>,
        extensionContext: ExtensionContext,
    ): Unit = run(invocation, invocationContext, extensionContext, extensionContext.displayName)

    override fun interceptTestTemplateMethod(
        invocation: Invocation<Void?>,
        invocationContext: ReflectiveInvocationContext<Method>,
        extensionContext: ExtensionContext,
    ): Unit = run(invocation, invocationContext, extensionContext, extensionContext.displayName)

    override fun <T> interceptTestFactoryMethod(
        invocation: Invocation<T>,
        invocationContext: ReflectiveInvocationContext<Method>,
        extensionContext: ExtensionContext,
    ): T = LoopTest.of(extensionContext).run(extensionContext.displayName, invocation, invocationContext)

    override fun interceptDynamicTest(
        invocation: Invocation<Void?>,
        invocationContext: DynamicTestInvocationContext,
        extensionContext: ExtensionContext,
    ) {
        LoopTest.of(extensionContext).run(extensionContext.displayName, invocation)
    }

    override fun interceptAfterEachMethod(
        invocation: Invocation<Void?>,
        invocationContext: ReflectiveInvocationContext<Method>,
        extensionContext: ExtensionContext,
    ): Unit = run(invocation, invocationContext, extensionContext, invocationContext.executable.name)

    private fun run(
        invocation: Invocation<Void?>,
        method: ReflectiveInvocationContext<Method>,
        context: ExtensionContext,
        name: String,
    ) {
        LoopTest.of(context).run(name, invocation, method)
    }

    override fun supportsParameter(
        parameterContext: ParameterContext,
        extensionContext: ExtensionContext,
    ): Boolean =
        parameterContext.declaringExecutable !is Constructor<*> &&
            LoopTest.ofOrNull(extensionContext) != null &&
            Parameters.supports(parameterContext.parameter.type)

    override fun resolveParameter(
        parameterContext: ParameterContext,
        extensionContext: ExtensionContext,
    ): Any = Parameters.of(LoopTest.of(extensionContext).runner, parameterContext.parameter.type)
}
