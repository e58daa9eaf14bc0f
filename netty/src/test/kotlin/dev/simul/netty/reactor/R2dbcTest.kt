// SPDX-License-Identifier: Apache-2.0
package dev.simul.netty.reactor

import dev.simul.FacadeApi
import dev.simul.Task
import dev.simul.aclosing
import dev.simul.bodies.Carrier
import dev.simul.bodies.carrier
import dev.simul.createTask
import dev.simul.exceptions.CancelledException
import dev.simul.gather
import dev.simul.interop.bodyOf
import dev.simul.netty.NeedingPostgres
import dev.simul.netty.PostgresServer
import dev.simul.netty.onLoop
import dev.simul.netty.recordReports
import dev.simul.reactivestreams.await
import dev.simul.reactivestreams.awaitSingle
import dev.simul.reactivestreams.awaitSingleInBody
import dev.simul.reactivestreams.toAsyncGenerator
import dev.simul.reactivestreams.usingWhen
import dev.simul.reactivestreams.usingWhenInBody
import dev.simul.sleep
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.shouldBe
import io.r2dbc.postgresql.PostgresqlConnectionConfiguration
import io.r2dbc.postgresql.PostgresqlConnectionFactory
import io.r2dbc.postgresql.api.PostgresqlConnection
import kotlinx.coroutines.flow.toList
import reactor.core.publisher.Flux
import kotlin.time.Duration

/** r2dbc-postgresql on the loop, with a real server. */
@OptIn(FacadeApi::class)
class R2dbcTest :
    FunSpec({
        extension(NeedingPostgres)

        val server by lazy { PostgresServer.start() }
        afterSpec { if (NeedingPostgres.isThere) server.close() }

        test("rows are a generator, and nothing crosses to another thread") {
            onLoop {
                val strays = ArrayList<String>()
                useConnection(server) { connection ->
                    connection
                        .values("SELECT n FROM generate_series(1, 1000) AS n")
                        .doOnNext { if (!isInLoop) strays += Thread.currentThread().name }
                        .toAsyncGenerator()
                        .toList() shouldBe (1..1_000).toList()
                }
                strays.shouldBeEmpty()
            }
        }

        test("a loop over rows that is left early leaves the connection usable") {
            onLoop {
                useConnection(server) { connection ->
                    aclosing(connection.values("SELECT n FROM generate_series(1, 100000) AS n").toAsyncGenerator()) { rows ->
                        for (row in rows) if (row == 5) break
                    }
                    awaitSingle(connection.values("SELECT 1")) shouldBe 1
                }
            }
        }

        test("a transaction is committed, and rolled back") {
            onLoop {
                useConnection(server) { connection ->
                    connection.run("DROP TABLE IF EXISTS r2dbc")
                    connection.run("CREATE TABLE r2dbc (n int PRIMARY KEY)")
                    await(connection.beginTransaction())
                    connection.run("INSERT INTO r2dbc VALUES (1)")
                    await(connection.commitTransaction())
                    await(connection.beginTransaction())
                    connection.run("INSERT INTO r2dbc VALUES (2)")
                    await(connection.rollbackTransaction())
                    awaitSingle(connection.values("SELECT count(*)::int4 FROM r2dbc")) shouldBe 1
                }
            }
        }

        test("notifications are a generator") {
            onLoop {
                useConnection(server) { listener ->
                    listener.run("LISTEN news")
                    val heard =
                        createTask { aclosing(listener.notifications.toAsyncGenerator()) { news -> List(3) { news.anext().parameter } } }
                    sleep(Duration.ZERO)
                    useConnection(server) { it.run("SELECT pg_notify('news', n::text) FROM generate_series(1, 3) AS n") }
                    heard.await() shouldBe listOf("1", "2", "3")
                }
            }
        }

        test("a query that is cancelled can be ended by a request to cancel, and the connection goes on") {
            onLoop {
                useConnection(server) { connection ->
                    val query = createTask { await(connection.values("SELECT 1 FROM pg_sleep(3600)")) }
                    useConnection(server) { other ->
                        while (awaitSingle(other.values(SLEEPERS)) == 0) sleep(Duration.ZERO)
                        query.cancel()
                        shouldThrow<CancelledException> { query.await() }
                        await(connection.cancelRequest())
                        awaitSingle(connection.values("SELECT 1")) shouldBe 1
                        awaitSingle(other.values(SLEEPERS)) shouldBe 0
                    }
                }
            }
        }

        test("connecting is cancelled anywhere, and leaves nothing") {
            onLoop {
                val reports = recordReports()
                repeat(30) { turns ->
                    val task: Task<*> = createTask { useConnection(server) { awaitSingle(it.values("SELECT 1")) } }
                    repeat(turns) { sleep(Duration.ZERO) }
                    task.cancel()
                    runCatching { task.await() }
                }
                useConnection(server) { connection ->
                    while (awaitSingle(connection.values(OTHERS)) > 0) sleep(Duration.ZERO)
                }
                reports.shouldBeEmpty()
            }
        }

        test("a server that is stopped fails what runs") {
            onLoop {
                val query = createTask { useConnection(server) { await(it.values("SELECT 1 FROM pg_sleep(3600)")) } }
                useConnection(server) { other -> while (awaitSingle(other.values(SLEEPERS)) == 0) sleep(Duration.ZERO) }
                server.stop()
                shouldThrow<Exception> { query.await() }
                server.start()
                useConnection(server) { awaitSingle(it.values("SELECT 1")) shouldBe 1 }
            }
        }

        for (carrier in Carrier.available()) {
            test("bodies in Java ask at once, on ${carrier.name}") {
                onLoop {
                    this.carrier = carrier
                    val factory = factory(server)
                    val bodies =
                        List(8) { number ->
                            createTask {
                                bodyOf {
                                    usingWhenInBody(factory.create(), { it.close() }) { connection ->
                                        repeat(20) { awaitSingleInBody(connection.values("SELECT $number")) shouldBe number }
                                    }
                                }.await()
                            }
                        }
                    gather(*bodies.toTypedArray()).await()
                }
            }
        }
    })

private const val SLEEPERS =
    "SELECT count(*)::int4 FROM pg_stat_activity WHERE state = 'active' AND query LIKE 'SELECT 1 FROM pg_sleep%'"

private const val OTHERS =
    "SELECT count(*)::int4 FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"

private fun factory(server: PostgresServer) =
    PostgresqlConnectionFactory(
        PostgresqlConnectionConfiguration
            .builder()
            .host("127.0.0.1")
            .port(server.port)
            .username(PostgresServer.USER)
            .database("postgres")
            .loopResources(loopResources())
            .build(),
    )

private suspend fun <T> useConnection(
    server: PostgresServer,
    block: suspend (PostgresqlConnection) -> T,
): T = usingWhen(factory(server).create(), { it.close() }, block)

private fun PostgresqlConnection.values(sql: String): Flux<Int> =
    createStatement(sql).execute().flatMap { result -> result.map { row -> row.get(0, Int::class.javaObjectType)!! } }

private suspend fun PostgresqlConnection.run(sql: String) = await(createStatement(sql).execute().flatMap { it.rowsUpdated }.then())
