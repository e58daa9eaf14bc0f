// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.gallery.drivers

import dev.simul.aclosing
import dev.simul.createTask
import dev.simul.demo.gallery.run
import dev.simul.gather
import dev.simul.generators.AsyncGenerator
import dev.simul.generators.asyncGenerator
import dev.simul.netty.vertx.await
import dev.simul.netty.vertx.transaction
import dev.simul.netty.vertx.useConnection
import dev.simul.netty.vertx.vertx
import dev.simul.queues.Queue
import dev.simul.toThread
import io.vertx.pgclient.PgBuilder
import io.vertx.pgclient.PgConnection
import io.vertx.pgclient.PgException
import io.vertx.sqlclient.Pool
import io.vertx.sqlclient.PoolOptions
import io.vertx.sqlclient.SqlConnection
import io.vertx.sqlclient.Tuple

/** Both accounts are changed, and listeners told, or neither. */
private suspend fun transfer(
    pool: Pool,
    amount: Long,
    from: String,
    to: String,
) = useConnection(pool.connection) { connection ->
    transaction(connection) {
        val change = connection.preparedQuery("UPDATE accounts SET balance = balance + $1 WHERE owner = $2")
        await(change.execute(Tuple.of(amount, to)))
        await(connection.preparedQuery("SELECT pg_notify('transfers', $1)").execute(Tuple.of("$from sent $to $amount")))
        await(change.execute(Tuple.of(-amount, from)))
    }
}

/** What the server notifies of, from now on. */
private suspend fun notifications(
    connection: PgConnection,
    channel: String,
): AsyncGenerator<String, Nothing> {
    val arrived = Queue<String>()
    connection.notificationHandler { arrived.putNowait(it.payload) }
    await(connection.query("LISTEN $channel").execute())
    return asyncGenerator { while (true) yield(arrived.get()) }
}

/** A cursor: the server sends fifty rows when they are asked for. */
private fun squares(connection: SqlConnection) =
    asyncGenerator {
        val statement = await(connection.prepare("SELECT n * n FROM generate_series(1::int8, 1000000) AS n"))
        val cursor = statement.cursor()
        try {
            do {
                for (row in await(cursor.read(50))) yield(row.getLong(0))
            } while (cursor.hasMore())
        } finally {
            await(cursor.close())
        }
    }

private suspend fun transfers(
    pool: Pool,
    listener: PgConnection,
) {
    val heard = notifications(listener, "transfers")
    transfer(pool, 30, "Ada", "Alan")
    try {
        transfer(pool, 500, "Ada", "Alan")
    } catch (e: PgException) {
        println("Ada has no 500 (${e.constraint}), so Alan did not get them")
    }
    transfer(pool, 20, "Alan", "Ada")
    println("Heard that ${heard.anext()}, and that ${heard.anext()}")
    for (account in await(pool.query("SELECT owner, balance FROM accounts ORDER BY owner").execute())) {
        println("${account.getString("owner")} has ${account.getLong("balance")}")
    }
}

private suspend fun firstAbove(
    limit: Long,
    connection: SqlConnection,
) = transaction(connection) {
    aclosing(squares(connection)) { squares ->
        for (square in squares) if (square > limit) return@aclosing println("$square is the first square above $limit")
    }
}

private suspend fun go(pool: Pool) {
    val asked = List(10) { createTask { await(pool.preparedQuery("SELECT $1::int8 * $1").execute(Tuple.of(it))).single().getLong(0) } }
    println("A pool answered ten tasks: ${gather(*asked.toTypedArray()).await()}")
    await(pool.query("CREATE TABLE accounts (owner text PRIMARY KEY, balance int8 CHECK (balance >= 0))").execute())
    await(pool.query("INSERT INTO accounts VALUES ('Ada', 100), ('Alan', 100)").execute())
    useConnection(pool.connection) { transfers(pool, PgConnection.cast(it)) }
    useConnection(pool.connection) { firstAbove(5_000_000, it) }
}

internal fun postgres() =
    run {
        val server = toThread { LocalPostgres.start() }
        val pool = PgBuilder.pool().with(PoolOptions().setMaxSize(4)).connectingTo(server.options).using(vertx()).build()
        try {
            go(pool)
        } finally {
            await(pool.close())
            toThread { server.close() }
        }
    }
