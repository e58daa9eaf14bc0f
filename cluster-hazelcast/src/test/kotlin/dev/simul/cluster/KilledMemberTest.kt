// SPDX-License-Identifier: Apache-2.0
package dev.simul.cluster

import dev.simul.Task
import dev.simul.aclosing
import dev.simul.createTask
import dev.simul.exceptions.CancelledException
import dev.simul.house.Soak
import dev.simul.loop.getRunningLoop
import dev.simul.sleep
import dev.simul.toThread
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.collections.shouldNotBeEmpty
import io.kotest.matchers.comparables.shouldBeLessThan
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import java.nio.file.Path
import kotlin.io.path.createTempDirectory
import kotlin.time.Duration
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.seconds

/** Two of the four runs are shorter in an ordinary build. */
private fun tasks(
    others: Int,
    retry: Boolean,
) = if ((others == 2) == retry) 10_000 else Soak.of(10_000)

/** Real members, each in a JVM of its own, of which one is killed while it works. */
class KilledMemberTest :
    FunSpec({
        for (others in 1..2) {
            test(
                "${others + 1} members, one killed within thousands of works: each ends with a result or a named failure, and none is done twice",
            ) {
                withOthers(others) { cluster, processes, folder ->
                    val run = killWithin(cluster, processes.last(), folder, retry = false)
                    val failures = run.results.mapNotNull { it.exceptionOrNull() }
                    failures.forEach { (it as MemberLostException).member.name shouldBe "other $others" }
                    failures.shouldNotBeEmpty()
                    run.results.withIndex().filter { (number, it) -> it.isSuccess && it.getOrThrow() != number * 2 }.shouldBeEmpty()
                    val ran = noted(folder, "ran")
                    ran.groupBy { it }.filterValues { it.size > 1 }.keys.shouldBeEmpty()
                    // Each that has a result was done; of those that failed some may have been.
                    val missing = run.results.indices.filter { run.results[it].isSuccess } - ran.map { it.toInt() }.toSet()
                    missing.shouldBeEmpty()
                    println("cluster: ${others + 1} members, at most once: ${run.figures}, ${failures.size} failed")
                }
            }

            test("${others + 1} members, one killed within thousands of works that may be done again: all have results") {
                withOthers(others) { cluster, processes, folder ->
                    val run = killWithin(cluster, processes.last(), folder, retry = true)
                    run.results.withIndex().filter { (number, it) -> it.getOrNull() != number * 2 }.shouldBeEmpty()
                    val ran = noted(folder, "ran").groupBy { it }
                    ran.size shouldBe run.results.size
                    println("cluster: ${others + 1} members, with retries: ${run.figures}, ${ran.count { it.value.size > 1 }} done twice")
                }
            }
        }

        test("a call at another JVM that is cancelled ends there, too, whether it runs or waits") {
            withOthers(1, threads = 1) { cluster, _, folder ->
                val other = cluster.members.single { !it.isLocal }
                val running = createTask { cluster.runOnMember(other, Interruptible("$folder", "running")) }
                until { noted(folder, "begun") == listOf("running") }
                val waiting = createTask { cluster.runOnMember(other, Interruptible("$folder", "waiting")) }
                sleep(200.milliseconds)
                for (task in listOf(waiting, running)) {
                    task.cancel()
                    shouldThrow<CancelledException> { task.await() }
                }
                until { noted(folder, "interrupted") == listOf("running") }
                cluster.runOnMember(other, Recorded("$folder", 21)) shouldBe 42
                noted(folder, "begun") shouldContainExactly listOf("running")
            }
        }

        test("the death of a member ends a work that it does, by an exception that names it") {
            withOthers(1) { cluster, processes, folder ->
                val other = cluster.members.single { !it.isLocal }
                val call = createTask { runCatching { cluster.runOnMember(other, Interruptible("$folder", "doomed")) } }
                until { noted(folder, "begun") == listOf("doomed") }
                val killed = getRunningLoop().time()
                processes.single().kill()
                val failure = call.await().exceptionOrNull() as MemberLostException
                val noticed = getRunningLoop().time() - killed
                failure.member shouldBe other
                failure.mayHaveRun shouldBe true
                failure.message shouldContain "other 1 (127.0.0.1:"
                noticed shouldBeLessThan 10.seconds
                println("cluster: the death of a process is noticed after $noticed")
                shouldThrow<MemberLostException> { cluster.runOnMember(other, Recorded("$folder", 1)) }.mayHaveRun shouldBe false
                cluster.runInExecutor(work = Recorded("$folder", 2)) shouldBe 4
            }
        }

        test("a process that is silent is given up after heartbeatTimeout, and its works end by an exception that names it") {
            withOthers(1, heartbeatTimeout = 2.seconds) { cluster, processes, folder ->
                val other = cluster.members.single { !it.isLocal }
                val call = createTask { runCatching { cluster.runOnMember(other, Interruptible("$folder", "silent")) } }
                until { noted(folder, "begun") == listOf("silent") }
                val stopped = getRunningLoop().time()
                processes.single().signal("STOP")
                val failure = call.await().exceptionOrNull() as MemberLostException
                val noticed = getRunningLoop().time() - stopped
                failure.member shouldBe other
                failure.mayHaveRun shouldBe true
                noticed shouldBeLessThan 15.seconds
                println("cluster: a process that is silent is given up after $noticed")
            }
        }

        test("a member that leaves in order fails what it does, as one that dies, and prints nothing") {
            withOthers(1) { cluster, processes, folder ->
                val other = cluster.members.single { !it.isLocal }
                val call = createTask { runCatching { cluster.runOnMember(other, Interruptible("$folder", "left")) } }
                until { noted(folder, "begun") == listOf("left") }
                val end = createTask { toThread { processes.single().end() } }
                (call.await().exceptionOrNull() as MemberLostException).member shouldBe other
                end.await() shouldBe 0
                // From JDK 24 on, the JVM itself remarks on Hazelcast's use of Unsafe.
                processes.single().printed.filterNot { it.startsWith("WARNING: ") && "nsafe" in it }.joinToString("\n") shouldBe ""
            }
        }
    })

private class Run(
    val results: List<Result<Int>>,
    val figures: String,
)

/** Thousands of works, of which the others do the most; one is killed when a third is done. */
private suspend fun killWithin(
    cluster: Cluster,
    victim: MemberProcess,
    folder: Path,
    retry: Boolean,
): Run {
    val loop = getRunningLoop()
    val start = loop.time()
    val count = tasks(cluster.members.size - 1, retry)
    var done = 0
    var killed: Duration? = null
    var lastLoss: Duration? = null
    val tasks: List<Task<Result<Int>>> =
        List(count) { number ->
            createTask {
                runCatching { cluster.runInExecutor(retry, Recorded("$folder", number, micros = 50)) }.also {
                    if (it.isFailure) lastLoss = loop.time()
                    if (++done == count / 3) {
                        victim.kill()
                        killed = loop.time()
                    }
                }
            }
        }
    val results = tasks.map { it.await() }
    val time = loop.time() - start
    val rate = (count / (time.inWholeMicroseconds / 1e6)).toInt()
    return Run(results, "$count works in $time, $rate works/s, failures until ${lastLoss?.let { it - killed!! }} after the kill")
}

private fun withOthers(
    count: Int,
    threads: Int = 4,
    heartbeatTimeout: Duration = 60.seconds,
    body: suspend (Cluster, List<MemberProcess>, Path) -> Unit,
) = onLoop {
    val folder = createTempDirectory("simul-cluster")
    val test = TestCluster()
    val processes = ArrayList<MemberProcess>()
    try {
        aclosing(test.join("here", heartbeatTimeout = heartbeatTimeout)) { cluster ->
            repeat(count) { processes += MemberProcess(test, "other ${it + 1}", threads) }
            processes.forEach { it.awaitJoined() }
            until { cluster.members.size == count + 1 }
            body(cluster, processes, folder)
        }
    } finally {
        processes.forEach { it.close() }
        folder.toFile().deleteRecursively()
    }
}
