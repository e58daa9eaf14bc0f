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
import dev.simul.netty.vertx.usePool
import dev.simul.reactivestreams.await
import dev.simul.reactivestreams.awaitSingle
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import io.r2dbc.postgresql.api.PostgresqlConnection

@OptIn(FacadeApi::class)
class R2dbcSamplesTest :
    FunSpec({
        extension(NeedingPostgres)

        val server by lazy { PostgresServer.start() }
        afterSpec { if (NeedingPostgres.isThere) server.close() }

        fun withPeople(body: suspend () -> Unit) =
            onLoop {
                usePool(server.options) { pool ->
                    pool.ask("DROP TABLE IF EXISTS people")
                    pool.ask("CREATE TABLE people (name text PRIMARY KEY, age int)")
                    pool.ask("INSERT INTO people VALUES ('Ada', 36), ('Alan', 41), ('Tim', 9)")
                }
                body()
            }

        test("the adults") {
            withPeople {
                adults(connectionFactory(server.port)) shouldBe listOf("Ada", "Alan")
                bodyOf {
                    R2dbcSamplesInJava.adults(
                        R2dbcSamplesInJava.connectionFactory(server.port),
                    )
                }.await() shouldBe listOf("Ada", "Alan")
            }
        }

        test("a transaction") {
            withPeople {
                val connection = awaitSingle(connectionFactory(server.port).create())
                rename(connection, "Tim", "Zoe") shouldBe 1L
                bodyOf { R2dbcSamplesInJava.rename(connection, "Zoe", "Eve") }.await() shouldBe 1L
                runCatching { rename(connection, "Eve", "Ada") }.isFailure shouldBe true
                runCatching { bodyOf { R2dbcSamplesInJava.rename(connection, "Eve", "Ada") }.await() }.isFailure shouldBe true
                rename(connection, "Eve", "Tim") shouldBe 1L
                await(connection.close())
            }
        }

        test("orders are heard of") {
            withPeople {
                val connection = awaitSingle(connectionFactory(server.port).create()) as PostgresqlConnection
                for (next in listOf(
                    suspend { nextOrders(connection, 2) },
                    suspend { bodyOf { R2dbcSamplesInJava.nextOrders(connection, 2) }.await() },
                )) {
                    val listening = createTask(coroutine = next)
                    usePool(server.options) { pool ->
                        untilSo {
                            pool.ask("NOTIFY orders, 'a cake'")
                            listening.done()
                        }
                    }
                    listening.await() shouldBe listOf("a cake", "a cake")
                }
                await(connection.close())
            }
        }
    })
