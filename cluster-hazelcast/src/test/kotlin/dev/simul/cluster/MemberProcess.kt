// SPDX-License-Identifier: Apache-2.0
package dev.simul.cluster

import dev.simul.aclosing
import dev.simul.toThread
import java.io.File
import java.util.concurrent.CopyOnWriteArrayList
import java.util.concurrent.CountDownLatch
import kotlin.concurrent.thread
import dev.simul.run as runLoop

/** A member in a JVM of its own, which ends with this one, since it reads a pipe from it. */
internal class MemberProcess(
    cluster: TestCluster,
    memberName: String,
    threads: Int = 4,
    options: List<String> = emptyList(),
) : AutoCloseable {
    val port = freePort()
    private val process =
        ProcessBuilder(
            listOf(File(System.getProperty("java.home"), "bin/java").path) +
                listOf("-Xmx128m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1") + options +
                listOf("-cp", System.getProperty("java.class.path"), "dev.simul.cluster.MemberProcessKt") +
                listOf(cluster.name, "${cluster.port}", "$port", memberName, "$threads"),
        ).redirectErrorStream(true).start()
    private val joined = CountDownLatch(1)

    /** What it has printed, apart from what the tests wait for. */
    val printed = CopyOnWriteArrayList<String>()

    val pid: Long get() = process.pid()

    init {
        thread(isDaemon = true, name = "output of $memberName") {
            process.inputReader().forEachLine { if (it == JOINED) joined.countDown() else printed += it }
            joined.countDown()
        }
    }

    suspend fun awaitJoined() {
        toThread(interruptOnCancel = true) { joined.await() }
        check(process.isAlive) { "the member has ended: $printed" }
    }

    /** `kill -9`. */
    fun kill() {
        process.destroyForcibly()
    }

    /** `kill -STOP`, and back by `CONT`. */
    fun signal(name: String) = check(ProcessBuilder("kill", "-$name", "$pid").start().waitFor() == 0)

    /** Asks it to leave, and waits until it has. */
    fun end(): Int {
        process.outputStream.close()
        return process.waitFor()
    }

    override fun close() {
        process.destroyForcibly().waitFor()
    }
}

private const val JOINED = "joined"

/** A member until its standard input ends. */
internal fun main(arguments: Array<String>) {
    val (cluster, seed, port, memberName, threads) = arguments
    val options = ClusterOptions(port = port.toInt(), memberName = memberName, threads = threads.toInt())
    // A main that hangs must not outlive the tests either.
    runLoop {
        aclosing(Cluster.start(cluster, listOf("127.0.0.1:$seed"), options)) {
            println(JOINED)
            toThread { System.`in`.read() }
        }
    }
}
