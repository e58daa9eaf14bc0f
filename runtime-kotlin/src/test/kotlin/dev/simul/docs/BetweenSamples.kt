// SPDX-License-Identifier: Apache-2.0
package dev.simul.docs

import dev.simul.channels.channelTo
import dev.simul.gather
import dev.simul.loop.EventLoop
import dev.simul.loop.getRunningLoop
import dev.simul.process.PIPE
import dev.simul.process.createSubprocessExec
import dev.simul.runCoroutineThreadsafe
import dev.simul.runInExecutor
import dev.simul.taskGroup
import dev.simul.toThread
import kotlinx.coroutines.flow.toList
import java.nio.file.Path
import java.util.concurrent.ExecutorService

// The blocks of the guide to more than one core, between loops and for processors; BetweenSamplesTest runs them, DocsTest compares.

suspend fun wordCounts(
    texts: List<String>,
    other: EventLoop,
): List<Int> {
    val there = getRunningLoop().channelTo<String>(other, capacity = 100)
    val back = other.channelTo<Int>(getRunningLoop(), capacity = 100)
    runCoroutineThreadsafe(other) {
        there.receiver.use { back.sender.use { for (text in there.receiver) back.sender.send(text.split(" ").size) } }
    }
    return taskGroup { group ->
        group.createTask { there.sender.use { for (text in texts) there.sender.send(text) } }
        back.receiver.toList()
    }
}

internal fun isPrime(number: Int): Boolean = number > 1 && (2..number / 2).none { number % it == 0 }

suspend fun countPrimes(
    numbers: List<Int>,
    pool: ExecutorService,
): Int {
    val loop = getRunningLoop()
    val batches = numbers.chunked(1_000)
    return gather(batches.map { batch -> loop.runInExecutor(pool) { batch.count(::isPrime) } }).await().sum()
}

suspend fun firstPrimeFrom(number: Int): Int =
    toThread(interruptOnCancel = true) {
        var candidate = number
        while (!isPrime(candidate)) {
            if (Thread.interrupted()) throw InterruptedException("nobody waits for the prime")
            candidate++
        }
        candidate
    }

suspend fun inJvm(
    main: String,
    input: String,
): String {
    val java = Path.of(System.getProperty("java.home"), "bin", "java").toString()
    val classPath = System.getProperty("java.class.path")
    val jvm = createSubprocessExec(java, "-Xmx256m", "-cp", classPath, main, stdin = PIPE, stdout = PIPE)
    try {
        val (output, _) = jvm.communicate(input.encodeToByteArray())
        check(jvm.wait() == 0) { "$main has ended with ${jvm.returncode}" }
        return output!!.decodeToString()
    } finally {
        if (jvm.returncode == null) {
            jvm.kill()
            jvm.wait()
        }
    }
}

object PrimeCounter {
    @JvmStatic
    fun main(args: Array<String>) {
        val limit = readln().toInt()
        println((2..limit).count(::isPrime))
    }
}
