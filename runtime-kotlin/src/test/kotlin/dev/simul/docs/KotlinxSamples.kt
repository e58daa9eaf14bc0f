// SPDX-License-Identifier: Apache-2.0
package dev.simul.docs

import dev.simul.createTask
import dev.simul.currentTask
import dev.simul.exceptions.TimeoutException
import dev.simul.generators.asyncGenerator
import dev.simul.sleep
import dev.simul.timeout
import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.currentCoroutineContext
import kotlinx.coroutines.delay
import kotlinx.coroutines.ensureActive
import kotlinx.coroutines.flow.catch
import kotlinx.coroutines.flow.flow
import kotlinx.coroutines.flow.flowOn
import kotlinx.coroutines.flow.map
import kotlinx.coroutines.flow.toList
import kotlinx.coroutines.isActive
import kotlinx.coroutines.withTimeoutOrNull
import kotlinx.coroutines.yield
import kotlin.time.Duration.Companion.hours
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.seconds

// The blocks of the guide to kotlinx; KotlinxSamplesTest runs them, DocsTest compares.

suspend fun prices(): List<Int> =
    flow {
        emit(1)
        delay(100.milliseconds)
        emit(2)
    }.catch { emit(-1) }.toList()

suspend fun pricesInTime(): List<Int> =
    try {
        timeout(20.milliseconds) { prices() }
    } catch (_: TimeoutException) {
        emptyList()
    }

suspend fun refuseToBeCancelled() {
    val patient =
        createTask {
            try {
                delay(1.hours)
            } catch (e: CancellationException) {
                println("not so long")
            }
            delay(1.seconds)
            "still here"
        }
    sleep(1.seconds)
    patient.cancel()
    println(patient.await())
}

suspend fun poll() {
    while (true) {
        try {
            delay(1.seconds)
        } catch (e: CancellationException) {
            currentCoroutineContext().ensureActive()
        }
    }
}

suspend fun stubborn(): Boolean {
    try {
        delay(1.hours)
    } catch (e: CancellationException) {
        currentTask()!!.uncancel()
    }
    return currentCoroutineContext().isActive
}

suspend fun compute(): Long? =
    withTimeoutOrNull(50.milliseconds) {
        var steps = 0L
        while (steps < Long.MAX_VALUE) {
            steps++
            if (steps % 1000 == 0L) yield()
        }
        steps
    }

suspend fun squares(): List<Int> =
    asyncGenerator<Int> {
        for (i in 1..3) {
            sleep(1.milliseconds)
            yield(i)
        }
    }.map { it * it }.flowOn(Dispatchers.Default).toList()
