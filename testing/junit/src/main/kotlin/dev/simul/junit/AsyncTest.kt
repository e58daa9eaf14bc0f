// SPDX-License-Identifier: Apache-2.0
package dev.simul.junit

import org.junit.jupiter.api.Test
import org.junit.jupiter.api.extension.ExtendWith

/**
 * A test that runs on an event loop of its own: [OnLoop] and [Test] in one.
 *
 * ```java
 * @AsyncTest
 * void anHourPassesAtOnce() {
 *     await(sleep(Duration.ofHours(1)));
 * }
 * ```
 *
 * ```kotlin
 * @AsyncTest
 * suspend fun `an hour passes at once`() {
 *     sleep(1.hours)
 * }
 * ```
 *
 * @property time as of [OnLoop].
 * @property timeoutSeconds as of [OnLoop].
 * @property network as of [OnLoop].
 */
@Target(AnnotationTarget.FUNCTION, AnnotationTarget.ANNOTATION_CLASS)
@Retention(AnnotationRetention.RUNTIME)
@MustBeDocumented
@Test
@ExtendWith(LoopExtension::class)
public annotation class AsyncTest(
    val time: TestTime = TestTime.INHERITED,
    val timeoutSeconds: Long = 0,
    val network: TestNetwork = TestNetwork.INHERITED,
)
