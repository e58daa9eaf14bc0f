// SPDX-License-Identifier: Apache-2.0
@file:JvmName("KotlinLayer")

package dev.simul.bodies

import dev.simul.Awaitable
import dev.simul.coroutine
import dev.simul.createTask
import dev.simul.exceptions.CancelledException
import dev.simul.interop.bodyOf
import dev.simul.resultOfTest
import dev.simul.sleep
import java.util.concurrent.Callable
import kotlin.time.Duration.Companion.seconds

/** Kotlin code that awaits a body, and records the cancellation that passes. */
fun <T> kotlinAround(
    events: MutableList<String>,
    body: Callable<T>,
): Awaitable<T> =
    coroutine {
        try {
            bodyOf(body).await()
        } catch (e: CancelledException) {
            events += "Kotlin: ${e.message}"
            throw e
        } finally {
            sleep(1.seconds)
            events += "Kotlin cleaned up"
        }
    }

/** Runs a body as a task of Kotlin's, on virtual time, and cancels it after a second; returns what that threw. */
fun cancelFromKotlin(
    events: MutableList<String>,
    body: Callable<*>,
): Throwable =
    resultOfTest {
        val task = createTask { kotlinAround(events, body).await() }
        sleep(1.seconds)
        task.cancel("from Kotlin")
        runCatching { task.await() }.exceptionOrNull()!!
    }
