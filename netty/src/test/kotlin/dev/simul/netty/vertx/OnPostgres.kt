// SPDX-License-Identifier: Apache-2.0
package dev.simul.netty.vertx

import dev.simul.netty.PostgresServer
import dev.simul.sleep
import io.vertx.pgclient.PgBuilder
import io.vertx.pgclient.PgConnectOptions
import io.vertx.pgclient.PgConnection
import io.vertx.sqlclient.Pool
import io.vertx.sqlclient.PoolOptions
import io.vertx.sqlclient.Row
import io.vertx.sqlclient.RowSet
import io.vertx.sqlclient.SqlClient
import io.vertx.sqlclient.Tuple
import kotlin.time.Duration.Companion.milliseconds

internal val PostgresServer.options: PgConnectOptions
    get() =
        PgConnectOptions()
            .setHost("127.0.0.1")
            .setPort(port)
            .setUser(PostgresServer.USER)
            .setDatabase("postgres")

internal fun pool(
    options: PgConnectOptions,
    size: Int = 4,
): Pool =
    PgBuilder
        .pool()
        .with(PoolOptions().setMaxSize(size))
        .connectingTo(options)
        .using(vertx())
        .build()

internal suspend fun <T> usePool(
    options: PgConnectOptions,
    size: Int = 4,
    block: suspend (Pool) -> T,
): T {
    val pool = pool(options, size)
    try {
        return block(pool)
    } finally {
        await(pool.close())
    }
}

internal suspend fun <T> useConnectionTo(
    options: PgConnectOptions,
    block: suspend (PgConnection) -> T,
): T = useConnection(PgConnection.connect(vertx(), options), block)

internal suspend fun SqlClient.ask(
    sql: String,
    vararg arguments: Any,
): RowSet<Row> = await(if (arguments.isEmpty()) query(sql).execute() else preparedQuery(sql).execute(Tuple.from(arguments)))

/** The only value of the only row. */
internal suspend fun SqlClient.value(
    sql: String,
    vararg arguments: Any,
): Any? = ask(sql, *arguments).single().getValue(0)

/** Waits until the server has no connection but this one. */
internal suspend fun SqlClient.awaitNoOthers() =
    untilSo {
        value("SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()") == 0L
    }

/** How many queries of the server sleep, but the one that asks. */
internal suspend fun SqlClient.sleepers(): Long =
    value("SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND query LIKE 'SELECT pg_sleep%'") as Long

internal suspend fun SqlClient.makeTable(name: String) {
    ask("DROP TABLE IF EXISTS $name")
    ask("CREATE TABLE $name (n int PRIMARY KEY)")
}

/** As `until`, of what has to be asked for. */
internal suspend fun untilSo(isReached: suspend () -> Boolean) {
    while (!isReached()) sleep(1.milliseconds)
}
