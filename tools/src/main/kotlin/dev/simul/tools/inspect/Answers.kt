// SPDX-License-Identifier: Apache-2.0
package dev.simul.tools.inspect

import java.io.IOException
import java.util.concurrent.ExecutionException
import java.util.concurrent.FutureTask
import java.util.concurrent.TimeUnit
import java.util.concurrent.TimeoutException
import javax.management.JMException
import javax.management.JMRuntimeException
import kotlin.concurrent.thread
import kotlin.time.Duration
import kotlin.time.Duration.Companion.seconds

/**
 * What [question] returns, which asks process [pid]: it may have ended meanwhile, or be stopped for good, and calls between processes have no
 * time limit of their own.
 */
internal fun <T> answerOf(
    pid: Long,
    limit: Duration = 15.seconds,
    question: () -> T,
): T {
    val answer = FutureTask(question)
    thread(isDaemon = true, name = "question to $pid") { answer.run() }
    return try {
        answer.get(limit.inWholeMilliseconds, TimeUnit.MILLISECONDS)
    } catch (e: TimeoutException) {
        throw Refusal(Why.NOT_ATTACHABLE, "process $pid did not answer for $limit: it may be stopped, or wait for memory; try again", e)
    } catch (e: ExecutionException) {
        throw refusalFor(pid, e.cause!!)
    }
}

private fun refusalFor(
    pid: Long,
    failure: Throwable,
): Throwable =
    when {
        failure is Refusal || failure !is Exception -> failure
        !ProcessFacts.of(pid).exists -> ended(pid)
        failure is IOException -> Refusal(Why.FAILED, "the connection to process $pid failed (${failure.oneLine()}): try again", failure)
        failure is JMException || failure is JMRuntimeException ->
            Refusal(Why.FAILED, "process $pid cannot tell of its loops (${failure.oneLine()}): it may carry another version", failure)
        else -> failure
    }
