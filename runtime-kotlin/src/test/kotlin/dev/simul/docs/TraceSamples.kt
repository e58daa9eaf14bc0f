// SPDX-License-Identifier: Apache-2.0
package dev.simul.docs

import dev.simul.addContextCarrier
import dev.simul.createTask
import dev.simul.loop.getRunningLoop
import dev.simul.sleep
import io.opentelemetry.context.Context
import kotlinx.coroutines.slf4j.MDCContext
import org.slf4j.MDC
import kotlin.time.Duration.Companion.milliseconds

// The blocks of the guide to diagnosis about traces and contexts; TraceSamplesTest runs them, DocsTest compares.

suspend fun accountOf(customer: Int): String {
    sleep(10.milliseconds)
    throw NoSuchElementException("customer $customer has no account")
}

suspend fun balanceOf(customer: Int): String {
    val account = accountOf(customer)
    return "balance of $account"
}

suspend fun printBalance() {
    val balance = createTask(name = "balance") { balanceOf(7) }
    println(balance.await())
}

fun carryMdc() {
    getRunningLoop().addContextCarrier { MDCContext() }
}

fun carryMdcBySlf4j() {
    getRunningLoop().addContextCarrier({ MDC.getCopyOfContextMap() }, { MDC.setContextMap(it.orEmpty()) })
}

fun carryOpenTelemetry() {
    getRunningLoop().addContextCarrier({ Context.current() }, { it.makeCurrent() })
}

suspend fun handleRequests() {
    List(2) { request ->
        createTask(name = "request $request") {
            MDC.put("request", "$request")
            sleep(10.milliseconds)
            println("request ${MDC.get("request")} is answered")
        }
    }.forEach { it.await() }
}
