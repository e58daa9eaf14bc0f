// SPDX-License-Identifier: Apache-2.0
package dev.simul.netty.docs

import dev.simul.FacadeApi
import dev.simul.createTask
import dev.simul.interop.bodyOf
import dev.simul.netty.NeedingPostgres
import dev.simul.netty.PostgresServer
import dev.simul.netty.onLoop
import dev.simul.netty.vertx.ask
import dev.simul.netty.vertx.options
import dev.simul.netty.vertx.untilSo
import dev.simul.netty.vertx.useConnectionTo
import dev.simul.netty.vertx.usePool
import dev.simul.netty.vertx.value
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import io.vertx.pgclient.PgException
import io.vertx.sqlclient.Pool
import java.time.Duration
import kotlin.time.Duration.Companion.milliseconds

@OptIn(FacadeApi::class)
class PostgresSamplesTest :
    FunSpec({
        extension(NeedingPostgres)

        val server by lazy { PostgresServer.start() }
        afterSpec { if (NeedingPostgres.isThere) server.close() }

        fun withPeople(body: suspend (Pool) -> Unit) =
            onLoop {
                usePool(server.options) { pool ->
                    pool.prepare()
                    body(pool)
                }
            }

        test("the adults, by a pool") {
            withPeople {
                adults(server.options) shouldBe listOf("Ada", "Alan", "Grace")
                bodyOf { PostgresSamplesInJava.adults(server.options) }.await() shouldBe listOf("Ada", "Alan", "Grace")
            }
        }

        test("a thousand squares, pipelined") {
            withPeople {
                squares(server.options, 1_000) shouldBe List(1_000) { it * it }
                bodyOf { PostgresSamplesInJava.squares(server.options, 1_000) }.await() shouldBe List(1_000) { it * it }
            }
        }

        test("a transfer is done as a whole, or not at all") {
            withPeople { pool ->
                transfer(pool, 30, "Ada", "Alan")
                bodyOf { PostgresSamplesInJava.transfer(pool, 20, "Ada", "Alan") }.await()
                pool.balances() shouldBe listOf(50L, 150L)
                shouldThrow<PgException> { transfer(pool, 51, "Ada", "Alan") }
                shouldThrow<PgException> { bodyOf { PostgresSamplesInJava.transfer(pool, 51, "Ada", "Alan") }.await() }
                pool.balances() shouldBe listOf(50L, 150L)
            }
        }

        test("the first one above an age, by a cursor") {
            withPeople {
                useConnectionTo(server.options) { connection ->
                    firstAbove(connection, 36) shouldBe "Alan"
                    firstAbove(connection, 100) shouldBe null
                    bodyOf { PostgresSamplesInJava.firstAbove(connection, 36) }.await() shouldBe "Alan"
                    bodyOf { PostgresSamplesInJava.firstAbove(connection, 100) }.await() shouldBe null
                }
            }
        }

        test("orders are heard of") {
            withPeople { pool ->
                for (listening in listOf(
                    createTask { nextOrders(server.options, 2) },
                    createTask { bodyOf { PostgresSamplesInJava.nextOrders(server.options, 2) }.await() },
                )) {
                    untilSo {
                        pool.ask("NOTIFY orders, 'a cake'")
                        listening.done()
                    }
                    listening.await() shouldBe listOf("a cake", "a cake")
                }
            }
        }

        test("a query that takes too long ends at the server") {
            withPeople { pool ->
                useConnectionTo(server.options) { connection ->
                    countSlowly(connection, 50.milliseconds) shouldBe null
                    bodyOf { PostgresSamplesInJava.countSlowly(connection, Duration.ofMillis(50)) }.await() shouldBe null
                    connection.value("SELECT 1") shouldBe 1
                }
                pool.value("SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%pg_sleep(3600)' AND state = 'active'") shouldBe 0L
            }
        }
    })

private suspend fun Pool.prepare() {
    ask("DROP TABLE IF EXISTS people, accounts")
    ask("CREATE TABLE people (name text PRIMARY KEY, age int)")
    ask("INSERT INTO people VALUES ('Ada', 36), ('Alan', 41), ('Grace', 85), ('Tim', 9)")
    ask("CREATE TABLE accounts (owner text PRIMARY KEY, balance bigint CHECK (balance >= 0))")
    ask("INSERT INTO accounts VALUES ('Ada', 100), ('Alan', 100)")
}

private suspend fun Pool.balances() = ask("SELECT balance FROM accounts ORDER BY owner").map { it.getLong(0) }
