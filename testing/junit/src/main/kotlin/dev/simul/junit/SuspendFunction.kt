// SPDX-License-Identifier: Apache-2.0
package dev.simul.junit

import org.junit.platform.commons.support.ReflectionSupport
import java.lang.reflect.Method
import java.lang.reflect.ParameterizedType
import java.lang.reflect.WildcardType
import kotlin.coroutines.Continuation
import kotlin.coroutines.intrinsics.suspendCoroutineUninterceptedOrReturn

/** Whether Kotlin has compiled its class. */
internal val Method.isOfKotlin: Boolean get() = declaringClass.isAnnotationPresent(Metadata::class.java)

/** Whether Kotlin declares it as a `suspend` function. */
internal val Method.isSuspend: Boolean get() = parameterTypes.lastOrNull() == Continuation::class.java

/** Calls the `suspend` function that this is, with all its arguments but the continuation. */
internal suspend fun Method.callSuspending(
    target: Any?,
    arguments: List<Any?>,
): Any? =
    suspendCoroutineUninterceptedOrReturn { continuation ->
        ReflectionSupport.invokeMethod(this, target, *arguments.toTypedArray(), continuation)
    }

/** Whether callers get a value that JUnit would have to ignore. */
internal val Method.returnsValue: Boolean
    get() = if (isSuspend) suspendResult != Unit::class.java else returnType != Void.TYPE

private val Method.suspendResult: Any?
    get() {
        val continuation = genericParameterTypes.last() as? ParameterizedType ?: return null
        return (continuation.actualTypeArguments.single() as? WildcardType)?.lowerBounds?.singleOrNull()
    }
