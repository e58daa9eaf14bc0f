// SPDX-License-Identifier: Apache-2.0
package dev.simul.netty.docs

import dev.simul.aclosing
import dev.simul.createTask
import dev.simul.exceptions.TimeoutException
import dev.simul.gather
import dev.simul.generators.AsyncGenerator
import dev.simul.generators.asyncGenerator
import dev.simul.netty.vertx.await
import dev.simul.netty.vertx.transaction
import dev.simul.netty.vertx.useConnection
import dev.simul.netty.vertx.vertx
import dev.simul.queues.Queue
import dev.simul.waitFor
import io.vertx.pgclient.PgBuilder
import io.vertx.pgclient.PgConnectOptions
import io.vertx.pgclient.PgConnection
import io.vertx.sqlclient.Pool
import io.vertx.sqlclient.PoolOptions
import io.vertx.sqlclient.Row
import io.vertx.sqlclient.SqlConnection
import io.vertx.sqlclient.Tuple
import kotlin.time.Duration

// The blocks of the guide to PostgreSQL by Vert.x's client; PostgresSamplesTest runs them, the runtime's DocsTest compares.

suspend fun adults(server: PgConnectOptions): List<String> {
    val pool = PgBuilder.pool().with(PoolOptions().setMaxSize(4)).connectingTo(server).using(vertx()).build()
    try {
        val rows = await(pool.preparedQuery("SELECT name FROM people WHERE age >= $1 ORDER BY name").execute(Tuple.of(18)))
        return rows.map { it.getString("name") }
    } finally {
        await(pool.close())
    }
}

suspend fun squares(
    server: PgConnectOptions,
    count: Int,
): List<Int> {
    val client = PgBuilder.client().connectingTo(PgConnectOptions(server).setPipeliningLimit(256)).using(vertx()).build()
    try {
        val square = client.preparedQuery("SELECT $1::int4 * $1")
        val tasks = List(count) { createTask { await(square.execute(Tuple.of(it))).single().getInteger(0) } }
        return gather(*tasks.toTypedArray()).await()
    } finally {
        await(client.close())
    }
}

suspend fun transfer(
    pool: Pool,
    amount: Long,
    from: String,
    to: String,
) = useConnection(pool.connection) { connection ->
    transaction(connection) {
        val change = connection.preparedQuery("UPDATE accounts SET balance = balance + $1 WHERE owner = $2")
        await(change.execute(Tuple.of(-amount, from)))
        await(change.execute(Tuple.of(amount, to)))
    }
}

fun rows(
    connection: SqlConnection,
    sql: String,
    arguments: Tuple,
): AsyncGenerator<Row, Nothing> =
    asyncGenerator {
        val statement = await(connection.prepare(sql))
        val cursor = statement.cursor(arguments)
        try {
            do {
                for (row in await(cursor.read(50))) yield(row)
            } while (cursor.hasMore())
        } finally {
            await(cursor.close())
            await(statement.close())
        }
    }

suspend fun firstAbove(
    connection: SqlConnection,
    age: Int,
): String? =
    transaction(connection) {
        aclosing(rows(connection, "SELECT name, age FROM people WHERE age > $1 ORDER BY age", Tuple.of(age))) { people ->
            for (person in people) if (person.getString("name").startsWith("A")) return@aclosing person.getString("name")
            null
        }
    }

fun notifications(
    connection: PgConnection,
    channel: String,
): AsyncGenerator<String, Nothing> =
    asyncGenerator {
        val arrived = Queue<String>()
        connection.notificationHandler { arrived.putNowait(it.payload) }
        connection.closeHandler { arrived.shutdown() }
        await(connection.query("LISTEN $channel").execute())
        try {
            while (true) yield(arrived.get())
        } finally {
            connection.notificationHandler(null)
            await(connection.query("UNLISTEN $channel").execute().otherwiseEmpty())
        }
    }

suspend fun nextOrders(
    server: PgConnectOptions,
    count: Int,
): List<String> =
    useConnection(PgConnection.connect(vertx(), server)) { connection ->
        aclosing(notifications(connection, "orders")) { orders -> List(count) { orders.anext() } }
    }

suspend fun countSlowly(
    connection: SqlConnection,
    limit: Duration,
): Long? =
    try {
        val counting = connection.query("SELECT count(*) FROM people, pg_sleep(3600)").execute()
        waitFor(limit) { await(counting, connection) }.single().getLong(0)
    } catch (_: TimeoutException) {
        null
    }
