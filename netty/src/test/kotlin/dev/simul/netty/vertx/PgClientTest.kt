// SPDX-License-Identifier: Apache-2.0
package dev.simul.netty.vertx

import dev.simul.Task
import dev.simul.aclosing
import dev.simul.createTask
import dev.simul.exceptions.CancelledException
import dev.simul.gather
import dev.simul.loop.ExceptionContext
import dev.simul.loop.getRunningLoop
import dev.simul.net.Resolver
import dev.simul.net.resolver
import dev.simul.netty.NeedingPostgres
import dev.simul.netty.PostgresServer
import dev.simul.netty.docs.notifications
import dev.simul.netty.docs.rows
import dev.simul.netty.onLoop
import dev.simul.netty.recordReports
import dev.simul.queues.QueueShutDown
import dev.simul.sleep
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.comparables.shouldBeLessThan
import io.kotest.matchers.shouldBe
import io.vertx.pgclient.PgBuilder
import io.vertx.pgclient.PgException
import io.vertx.sqlclient.Tuple
import java.net.InetAddress
import kotlin.time.Duration
import kotlin.time.Duration.Companion.seconds
import kotlin.time.measureTime
import dev.simul.run as runLoop

/** Vert.x's client in Kotlin tasks, with a real server. */
class PgClientTest :
    FunSpec({
        extension(NeedingPostgres)

        val server by lazy { PostgresServer.start() }
        afterSpec { if (NeedingPostgres.isThere) server.close() }

        test("a query by a pool, with arguments and without") {
            onLoop {
                usePool(server.options) { pool ->
                    pool.value("SELECT 1") shouldBe 1
                    pool.ask("SELECT n, n * n AS square FROM generate_series(1, $1) AS n", 3).map { it.getInteger("square") } shouldBe
                        listOf(1, 4, 9)
                    shouldThrow<PgException> { pool.ask("SELECT nonsense") }.sqlState shouldBe "42703"
                }
            }
        }

        test("tasks share the connections of a pool, and wait for one") {
            onLoop {
                usePool(server.options, size = 3) { pool ->
                    val backends = List(30) { createTask { pool.value("SELECT pg_backend_pid() FROM pg_sleep(0.001)") } }
                    gather(*backends.toTypedArray()).await().toSet().size shouldBe 3
                }
                useConnectionTo(server.options) { it.awaitNoOthers() }
            }
        }

        test("a pipelined client sends many commands before the first answer, and answers come to their tasks") {
            onLoop {
                val client =
                    PgBuilder
                        .client()
                        .connectingTo(server.options.setPipeliningLimit(256))
                        .using(vertx())
                        .build()
                val tasks = List(1_000) { createTask { client.value("SELECT $1::int4", it) } }
                gather(*tasks.toTypedArray()).await() shouldBe List(1_000) { it }
                val times = List(2) { createTask { client.value("SELECT clock_timestamp()::text FROM pg_sleep(0.01)") } }
                gather(*times.toTypedArray()).await().toSet().size shouldBe 2
                await(client.close())
            }
        }

        test("a transaction is committed") {
            onLoop {
                usePool(server.options) { pool ->
                    pool.makeTable("committed")
                    useConnection(pool.connection) { connection ->
                        transaction(connection) {
                            connection.ask("INSERT INTO committed VALUES ($1)", 1)
                            connection.value("SELECT count(*) FROM committed") shouldBe 1L
                            pool.value("SELECT count(*) FROM committed") shouldBe 0L
                        }
                    }
                    pool.value("SELECT count(*) FROM committed") shouldBe 1L
                }
            }
        }

        test("a transaction whose block fails is rolled back, and so is one with a statement that failed") {
            onLoop {
                usePool(server.options, size = 1) { pool ->
                    pool.makeTable("failed")
                    shouldThrow<IllegalStateException> {
                        useConnection(pool.connection) { connection ->
                            transaction(connection) {
                                connection.ask("INSERT INTO failed VALUES ($1)", 1)
                                error("no more")
                            }
                        }
                    }.message shouldBe "no more"
                    shouldThrow<PgException> {
                        useConnection(pool.connection) { connection ->
                            transaction(connection) {
                                connection.ask("INSERT INTO failed VALUES ($1)", 1)
                                connection.ask("INSERT INTO failed VALUES ($1)", 1)
                            }
                        }
                    }.sqlState shouldBe "23505"
                    pool.value("SELECT count(*) FROM failed") shouldBe 0L
                }
            }
        }

        test("a transaction that is cancelled is rolled back, wherever it was") {
            onLoop {
                usePool(server.options, size = 1) { pool ->
                    pool.makeTable("cancelled")
                    repeat(60) { turns ->
                        val task =
                            createTask {
                                useConnection(pool.connection) { connection ->
                                    transaction(connection) {
                                        connection.ask("INSERT INTO cancelled VALUES ($1)", turns)
                                        connection.ask("SELECT pg_sleep(0.001)")
                                        sleep(3.seconds)
                                    }
                                }
                            }
                        repeat(turns) { sleep(Duration.ZERO) }
                        task.cancel()
                        shouldThrow<CancelledException> { task.await() }
                    }
                    pool.value("SELECT count(*) FROM cancelled") shouldBe 0L
                    pool.value("SELECT count(*) FROM pg_stat_activity WHERE state = 'idle in transaction'") shouldBe 0L
                }
            }
        }

        test("a cursor is a loop over rows that come in portions, and is closed when the loop is left") {
            onLoop {
                useConnectionTo(server.options) { connection ->
                    transaction(connection) {
                        aclosing(rows(connection, "SELECT n FROM generate_series(1, $1) AS n", Tuple.of(1_000))) { rows ->
                            var sum = 0
                            for (row in rows) sum += row.getInteger(0)
                            sum shouldBe 500_500
                        }
                        connection.value("SELECT count(*) FROM pg_cursors") shouldBe 0L
                        aclosing(rows(connection, "SELECT n FROM generate_series(1, $1) AS n", Tuple.of(1_000_000))) { rows ->
                            for (row in rows) if (row.getInteger(0) == 75) break
                        }
                        connection.value("SELECT 1") shouldBe 1
                    }
                }
            }
        }

        test("notifications are an asynchronous generator, which stops listening when it is closed") {
            onLoop {
                useConnectionTo(server.options) { listener ->
                    val heard = createTask { aclosing(notifications(listener, "news")) { news -> List(3) { news.anext() } } }
                    usePool(server.options) { pool ->
                        untilSo { pool.value("SELECT count(*) FROM pg_stat_activity WHERE query = 'LISTEN news' AND state = 'idle'") == 1L }
                        pool.ask("SELECT pg_notify('news', n::text) FROM generate_series(1, 3) AS n")
                    }
                    heard.await() shouldContainExactly listOf("1", "2", "3")
                    listener.value("SELECT count(*) FROM pg_listening_channels()") shouldBe 0L
                }
            }
        }

        test("a listener fails when its server is stopped") {
            onLoop {
                usePool(server.options) { pool ->
                    val listening =
                        createTask { useConnectionTo(server.options) { listener -> notifications(listener, "news").anext() } }
                    untilSo { pool.value("SELECT count(*) FROM pg_stat_activity WHERE query = 'LISTEN news' AND state = 'idle'") == 1L }
                    server.stop()
                    shouldThrow<QueueShutDown> { listening.await() }
                    server.start()
                }
            }
        }

        test("a query that is cancelled ends at the server, and its connection can be used at once") {
            onLoop {
                usePool(server.options) { pool ->
                    useConnection(pool.connection) { connection ->
                        val task = createTask { await(connection.query("SELECT pg_sleep(3600)").execute(), connection) }
                        untilSo { pool.sleepers() == 1L }
                        task.cancel("enough")
                        measureTime {
                            shouldThrow<CancelledException> { task.await() }.message shouldBe "enough"
                            connection.value("SELECT 1") shouldBe 1
                        } shouldBeLessThan 30.seconds
                        pool.sleepers() shouldBe 0L
                    }
                }
            }
        }

        test("a query that is awaited without its connection goes on when the task is cancelled, and the connection after it") {
            onLoop {
                usePool(server.options) { pool ->
                    useConnection(pool.connection) { connection ->
                        val task = createTask { await(connection.query("SELECT pg_sleep(0.05)").execute()) }
                        untilSo { pool.sleepers() == 1L }
                        task.cancel()
                        shouldThrow<CancelledException> { task.await() }
                        pool.sleepers() shouldBe 1L
                        connection.value("SELECT 1") shouldBe 1
                    }
                }
            }
        }

        test("a task that is cancelled while it waits for a connection leaves none behind") {
            onLoop {
                usePool(server.options, size = 1) { pool ->
                    repeat(40) { turns ->
                        val task: Task<*> = createTask { useConnection(pool.connection) { it.value("SELECT 1") } }
                        repeat(turns) { sleep(Duration.ZERO) }
                        task.cancel()
                        runCatching { task.await() }
                    }
                    useConnection(pool.connection) { it.value("SELECT 1") } shouldBe 1
                }
                repeat(40) { turns ->
                    val task: Task<*> = createTask { useConnectionTo(server.options) { it.value("SELECT 1") } }
                    repeat(turns) { sleep(Duration.ZERO) }
                    task.cancel()
                    runCatching { task.await() }
                }
                useConnectionTo(server.options) { it.awaitNoOthers() }
            }
        }

        test("the name of the server is looked up by the loop's resolver") {
            onLoop {
                val asked = ArrayList<String>()
                resolver =
                    Resolver { host ->
                        asked += host
                        listOf(InetAddress.getLoopbackAddress())
                    }
                useConnectionTo(server.options.setHost("database.invalid")) { it.value("SELECT 1") } shouldBe 1
                asked shouldContainExactly listOf("database.invalid")
            }
        }

        test("a server that is stopped fails what runs, and the pool goes on when it is back") {
            onLoop {
                useConnectionTo(server.options) { observer ->
                    usePool(server.options, size = 2) { pool ->
                        val tasks = List(5) { createTask { pool.ask("SELECT pg_sleep(3600)") } }
                        untilSo { observer.sleepers() == 2L }
                        server.stop()
                        tasks.forEach { task -> shouldThrow<Exception> { task.await() } }
                        shouldThrow<Exception> { pool.ask("SELECT 1") }
                        server.start()
                        pool.value("SELECT 1") shouldBe 1
                    }
                }
            }
        }

        test("a pool that is open at the end of run is closed, and nothing is reported") {
            lateinit var reports: List<ExceptionContext>
            runLoop {
                reports = getRunningLoop().recordReports()
                pool(server.options).value("SELECT 1") shouldBe 1
            }
            reports.shouldBeEmpty()
            onLoop { useConnectionTo(server.options) { it.awaitNoOthers() } }
        }
    })
