// SPDX-License-Identifier: Apache-2.0
package dev.simul.netty.vertx

import dev.simul.FacadeApi
import dev.simul.Task
import dev.simul.bodies.Carrier
import dev.simul.bodies.carrier
import dev.simul.createTask
import dev.simul.exceptions.CancelledException
import dev.simul.gather
import dev.simul.interop.bodyOf
import dev.simul.loop.EventLoop
import dev.simul.netty.NeedingPostgres
import dev.simul.netty.PostgresServer
import dev.simul.netty.onLoop
import dev.simul.netty.recordReports
import dev.simul.sleep
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.core.spec.style.scopes.FunSpecContainerScope
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.shouldBe
import io.vertx.core.Vertx
import io.vertx.sqlclient.SqlClient
import io.vertx.sqlclient.Tuple
import kotlin.time.Duration

/** Java's bodies on each carrier: the loop, and Vert.x with it, runs on the stack of whichever body awaits. */
class PgBodiesTest :
    FunSpec({
        extension(NeedingPostgres)

        val server by lazy { PostgresServer.start() }
        afterSpec { if (NeedingPostgres.isThere) server.close() }

        Carrier.available().forEach { carrier -> context(carrier.name) { tests(carrier) { server } } }
    })

@OptIn(FacadeApi::class)
private suspend fun FunSpecContainerScope.tests(
    carrier: Carrier,
    server: () -> PostgresServer,
) {
    fun onCarrier(body: suspend EventLoop.() -> Unit) =
        onLoop {
            this.carrier = carrier
            body()
        }

    test("many bodies ask at once, and each gets its own answers") {
        onCarrier {
            val reports = recordReports()
            usePool(server().options) { pool ->
                val bodies =
                    List(16) { number ->
                        createTask {
                            bodyOf {
                                repeat(20) { pool.valueInBody(number * 100 + it) shouldBe number * 100 + it }
                                Vertx.currentContext() shouldBe null
                            }.await()
                        }
                    }
                gather(*bodies.toTypedArray()).await()
            }
            reports.shouldBeEmpty()
        }
    }

    test("a body's transaction is committed, and rolled back when it fails") {
        onCarrier {
            usePool(server().options, size = 1) { pool ->
                pool.makeTable("bodies")
                bodyOf {
                    useConnectionInBody(pool.connection) { connection ->
                        transactionInBody(connection) {
                            awaitFutureInBody(connection.preparedQuery("INSERT INTO bodies VALUES ($1)").execute(Tuple.of(1)))
                        }
                        shouldThrow<IllegalStateException> {
                            transactionInBody(connection) {
                                awaitFutureInBody(connection.preparedQuery("INSERT INTO bodies VALUES ($1)").execute(Tuple.of(2)))
                                error("no more")
                            }
                        }
                    }
                }.await()
                pool.value("SELECT sum(n) FROM bodies") shouldBe 1L
            }
        }
    }

    test("a body that is cancelled ends its query at the server, and rolls back") {
        onCarrier {
            usePool(server().options, size = 2) { pool ->
                pool.makeTable("bodies")
                val task =
                    createTask {
                        bodyOf {
                            useConnectionInBody(pool.connection) { connection ->
                                transactionInBody(connection) {
                                    awaitFutureInBody(connection.preparedQuery("INSERT INTO bodies VALUES ($1)").execute(Tuple.of(1)))
                                    awaitQueryInBody(connection.query("SELECT pg_sleep(3600)").execute(), connection)
                                }
                            }
                        }.await()
                    }
                untilSo { pool.sleepers() == 1L }
                task.cancel()
                shouldThrow<CancelledException> { task.await() }
                pool.sleepers() shouldBe 0L
                pool.value("SELECT count(*) FROM bodies") shouldBe 0L
            }
        }
    }

    test("bodies that are cancelled anywhere leave no connection and no transaction") {
        onCarrier {
            usePool(server().options, size = 1) { pool ->
                repeat(30) { turns ->
                    val task: Task<*> =
                        createTask {
                            bodyOf {
                                useConnectionInBody(pool.connection) { connection ->
                                    transactionInBody(connection) { connection.valueInBody(1) }
                                }
                            }.await()
                        }
                    repeat(turns) { sleep(Duration.ZERO) }
                    task.cancel()
                    runCatching { task.await() }
                }
                pool.value("SELECT count(*) FROM pg_stat_activity WHERE state LIKE 'idle in transaction%'") shouldBe 0L
            }
        }
    }
}

@OptIn(FacadeApi::class)
private fun SqlClient.valueInBody(argument: Int): Any? =
    awaitFutureInBody(preparedQuery("SELECT $1::int4").execute(Tuple.of(argument))).single().getValue(0)
