// SPDX-License-Identifier: Apache-2.0
package dev.simul

// What the frames of a stack are; those of classes in higher layers are told by their names.

/** As in a stack trace, without the class loader and the module, so that it is a link in an IDE. */
internal fun StackTraceElement.inShort(): String = StackTraceElement(className, methodName, fileName, lineNumber).toString()

/** A line for each frame, as in a stack trace that is part of a report. */
internal fun Iterable<StackTraceElement>.inLines(): String = joinToString("") { "\n    at ${it.inShort()}" }

/** Whether it resumes suspended functions: below it are the frames of whoever does. */
internal val StackTraceElement.isResumption: Boolean get() = className == CONTINUATION && methodName == "resumeWith"

/** Whether it is the begin of a body, on the stack of its own. */
internal val StackTraceElement.isBeginOfBody: Boolean get() = className == BODY && methodName == "run"

/** Whether it only shows how this library calls a body. */
internal val StackTraceElement.isCallOfBody: Boolean get() = CALLING_BODIES.any(className::startsWith)

/** Whether it calls a private function for another class of the same file. */
internal val StackTraceElement.isAccessor: Boolean get() = methodName.startsWith("access\$")

/** Whether the JVM has made its class, for a lambda. */
internal val StackTraceElement.isOfLambda: Boolean get() = "\$\$Lambda" in className

private const val CONTINUATION = "kotlin.coroutines.jvm.internal.BaseContinuationImpl"
private const val BODY = "dev.simul.bodies.Body"
private val CALLING_BODIES = listOf("dev.simul.bodies.", "dev.simul.interop.")
