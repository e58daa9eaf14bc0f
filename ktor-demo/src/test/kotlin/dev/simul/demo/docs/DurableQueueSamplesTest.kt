// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.docs

import dev.simul.demo.gallery.printed
import io.kotest.assertions.nondeterministic.eventually
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.longs.shouldBeGreaterThanOrEqual
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.withContext
import org.h2.jdbcx.JdbcConnectionPool
import java.io.IOException
import java.io.UncheckedIOException
import java.nio.file.Path
import java.sql.SQLException
import java.util.concurrent.CompletableFuture
import java.util.concurrent.ConcurrentLinkedQueue
import java.util.concurrent.atomic.AtomicBoolean
import javax.sql.DataSource
import kotlin.concurrent.thread
import kotlin.io.path.readText
import kotlin.time.Duration.Companion.seconds

/** The samples of the guide to durable queues, with a real database. */
class DurableQueueSamplesTest :
    FunSpec({
        for (samples in QueueLanguage.entries) {
            context(samples.name) {
                test("a job is queued once") {
                    withQueue(tempdir().toPath()) { queue ->
                        samples.enqueue(queue, "ada") shouldBe true
                        samples.enqueue(queue, "ada") shouldBe false
                        queue.queued() shouldContainExactly listOf("ada")
                    }
                }

                test("a loop does as many jobs at once as it may, and they are gone") {
                    withQueue(tempdir().toPath()) { queue ->
                        for (key in listOf("ada", "bob", "cy")) samples.enqueue(queue, key)
                        val begun = ConcurrentLinkedQueue<String>()
                        samples.start(queue, jobsAtOnce = 3, Handler({ begun += it }, mayGoOn = { begun.size == 3 })).use {
                            eventually(30.seconds) { queue.queued().shouldBeEmpty() }
                        }
                        queue.sent() shouldContainExactly listOf("ada", "bob", "cy")
                    }
                }

                test("what fails is tried again, later each time, and given up in the end") {
                    withQueue(tempdir().toPath()) { queue ->
                        samples.enqueue(queue, "ada")
                        val times = ConcurrentLinkedQueue<Long>()
                        val fail = { _: String ->
                            times += System.nanoTime()
                            throw UncheckedIOException("no answer", IOException())
                        }
                        val said =
                            withContext(Dispatchers.IO) {
                                printed {
                                    samples.start(queue, handler = Handler(onBegin = fail)).use {
                                        while (queue.queued().isNotEmpty()) Thread.sleep(10)
                                    }
                                }
                            }
                        said shouldContain "ada is given up: no answer\n"
                        val pauses = times.zipWithNext { one, next -> (next - one) / 1_000_000 }
                        pauses.size shouldBe 3
                        for ((pause, least) in pauses zip listOf(100L, 200L, 400L)) pause shouldBeGreaterThanOrEqual least
                    }
                }

                test("a worker that is stopped ends what it has begun, and leaves the rest") {
                    withQueue(tempdir().toPath()) { queue ->
                        for (key in listOf("ada", "bob", "cy")) samples.enqueue(queue, key)
                        val begun = ConcurrentLinkedQueue<String>()
                        val isStopped = AtomicBoolean()
                        samples.start(queue, jobsAtOnce = 2, Handler({ begun += it }, mayGoOn = { isStopped.get() })).use { worker ->
                            eventually(30.seconds) { begun.size shouldBe 2 }
                            worker.stop()
                            eventually(30.seconds) { isShuttingDown() shouldBe true }
                            isStopped.set(true)
                        }
                        queue.sent() shouldContainExactly begun.sorted()
                        queue.queued() shouldContainExactly listOf("ada", "bob", "cy") - begun.toSet()
                        samples.start(queue).use { eventually(30.seconds) { queue.queued().shouldBeEmpty() } }
                        queue.sent() shouldContainExactly listOf("ada", "bob", "cy")
                    }
                }

                test("jobs of a worker that is killed are done by the next, and their effects are not doubled") {
                    val folder = tempdir().toPath()
                    withQueue(folder) { queue -> for (key in listOf("ada", "bob", "cy")) samples.enqueue(queue, key) }
                    QueueProcess(folder, samples, "work").use { worker ->
                        worker.line() shouldBe "ada true"
                        worker.line() shouldBe "bob true"
                        worker.kill().shouldBeEmpty()
                    }
                    val sent = ConcurrentLinkedQueue<String>()
                    withQueue(folder) { queue ->
                        queue.queued() shouldContainExactly listOf("bob", "cy")
                        samples.start(queue, handler = Handler(onSent = { key, isNew -> sent += "$key $isNew" })).use {
                            eventually(30.seconds) { queue.queued().shouldBeEmpty() }
                        }
                        queue.sent() shouldContainExactly listOf("ada", "bob", "cy")
                    }
                    sent.toList() shouldContainExactly listOf("cy true", "bob false")
                }

                test("what was queued is in the file when its process is killed") {
                    val folder = tempdir().toPath()
                    withQueue(folder) {}
                    val said =
                        QueueProcess(folder, samples, "enqueue").use { process ->
                            List(20) { process.line() } + process.kill()
                        }
                    withQueue(folder) { queue ->
                        val queued = queue.queued().toSet()
                        said.filter { it.removePrefix("true ") !in queued }.filter { it.startsWith("true ") }.shouldBeEmpty()
                    }
                }
            }
        }

        test("a second process is told that the queue is in use") {
            val folder = tempdir().toPath()
            withQueue(folder) {}
            QueueProcess(folder, QueueLanguage.KOTLIN, "enqueue").use { process ->
                process.line()
                shouldThrow<SQLException> { withQueue(folder) {} }.message!! shouldContain "may be already in use"
            }
        }

        test("a thread that is interrupted while it waits for a job cancels it") {
            val job = CompletableFuture<Unit>()
            val failure = CompletableFuture<Throwable>()
            val waiting = thread { runCatching { resultOf(job) }.onFailure { failure.complete(it) } }
            waiting.interrupt()
            failure.get()::class shouldBe InterruptedException::class
            job.isCancelled shouldBe true
        }
    })

/** Whether a scheduler of this process is being stopped: the thread of the loop's that waits for it is there. */
private fun isShuttingDown(): Boolean =
    Thread.getAllStackTraces().values.any { stack -> stack.any { it.className.endsWith(".Scheduler") && it.methodName == "stop" } }

/** Opens the queue in [folder] for [block], with the table that the guide shows and with that of the letters. */
private suspend fun withQueue(
    folder: Path,
    block: suspend (JdbcConnectionPool) -> Unit,
) {
    val guide = Path.of("../docs/guide/durable-queue.md").readText()
    val queue = openQueue(folder.resolve("queue"))
    try {
        queue.execute(Regex("```sql\n(.*?)```", RegexOption.DOT_MATCHES_ALL).find(guide)!!.groupValues[1])
        queue.execute("CREATE TABLE IF NOT EXISTS outbox (id VARCHAR PRIMARY KEY, text VARCHAR)")
        block(queue)
    } finally {
        queue.dispose()
    }
}

private fun DataSource.execute(sql: String) = connection.use { connection -> connection.createStatement().use { it.execute(sql) } }

private fun DataSource.queued() = column("SELECT task_instance FROM scheduled_tasks ORDER BY 1")

private fun DataSource.sent() = column("SELECT id FROM outbox ORDER BY 1")

private fun DataSource.column(sql: String): List<String> =
    connection.use { connection ->
        connection.createStatement().use { statement ->
            statement.executeQuery(sql).use { rows -> buildList { while (rows.next()) add(rows.getString(1)) } }
        }
    }
