// SPDX-License-Identifier: Apache-2.0
package dev.simul.junit

import org.junit.jupiter.api.extension.ExtensionConfigurationException
import org.junit.jupiter.api.extension.ExtensionContext
import org.junit.platform.commons.support.AnnotationSupport.findAnnotation
import java.lang.reflect.AnnotatedElement
import java.lang.reflect.Modifier
import kotlin.time.Duration
import kotlin.time.Duration.Companion.seconds

/** What the annotations say for one test: those of its method, then those of its classes from the innermost to the outermost. */
internal class Settings private constructor(
    val isVirtual: Boolean,
    val isInMemory: Boolean,
    val timeout: Duration,
) {
    private class Stated(
        val time: TestTime,
        val timeoutSeconds: Long,
        val network: TestNetwork,
    )

    companion object {
        private const val TIMEOUT = "simul.test.timeout"
        private const val DEFAULT_SECONDS = 60L

        fun of(context: ExtensionContext): Settings {
            val stated = elements(context).flatMap(::stated).toList()
            val time = stated.map { it.time }.firstOrNull { it != TestTime.INHERITED } ?: TestTime.VIRTUAL
            val seconds = stated.map { it.timeoutSeconds }.firstOrNull { it != 0L } ?: configuredTimeout(context) ?: DEFAULT_SECONDS
            if (seconds <= 0) throw ExtensionConfigurationException("the timeout of a test is $seconds seconds: it must be positive")
            val network = stated.map { it.network }.firstOrNull { it != TestNetwork.INHERITED } ?: TestNetwork.SYSTEM
            if (network == TestNetwork.MEMORY && time != TestTime.VIRTUAL) {
                throw ExtensionConfigurationException(
                    "a test in real time has no network in memory: set time = TestTime.VIRTUAL, or network = TestNetwork.SYSTEM",
                )
            }
            return Settings(time == TestTime.VIRTUAL, network == TestNetwork.MEMORY, seconds.seconds)
        }

        private fun elements(context: ExtensionContext): Sequence<AnnotatedElement> =
            sequenceOf(context.requiredTestMethod) +
                generateSequence(context.requiredTestClass) {
                    if (Modifier.isStatic(it.modifiers)) null else it.enclosingClass
                }

        private fun stated(element: AnnotatedElement): List<Stated> =
            listOfNotNull(
                findAnnotation(element, AsyncTest::class.java).map { Stated(it.time, it.timeoutSeconds, it.network) }.orElse(null),
                findAnnotation(element, OnLoop::class.java).map { Stated(it.time, it.timeoutSeconds, it.network) }.orElse(null),
            )

        private fun configuredTimeout(context: ExtensionContext): Long? {
            val text = context.getConfigurationParameter(TIMEOUT).orElse(null) ?: return null
            return text.toLongOrNull() ?: throw ExtensionConfigurationException("$TIMEOUT is '$text': it must be a number of seconds")
        }
    }
}
