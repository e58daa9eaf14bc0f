// SPDX-License-Identifier: Apache-2.0
package dev.simul.netty.docs

import dev.simul.aclosing
import dev.simul.netty.reactor.loopResources
import dev.simul.reactivestreams.await
import dev.simul.reactivestreams.awaitSingle
import dev.simul.reactivestreams.toAsyncGenerator
import dev.simul.reactivestreams.usingWhen
import io.r2dbc.postgresql.PostgresqlConnectionConfiguration
import io.r2dbc.postgresql.PostgresqlConnectionFactory
import io.r2dbc.postgresql.api.PostgresqlConnection
import io.r2dbc.spi.Connection
import io.r2dbc.spi.ConnectionFactory
import kotlinx.coroutines.flow.toList
import reactor.core.publisher.Flux

// The blocks of the guide to PostgreSQL by r2dbc-postgresql; R2dbcSamplesTest runs them, the runtime's DocsTest compares.

fun connectionFactory(port: Int): ConnectionFactory =
    PostgresqlConnectionFactory(
        PostgresqlConnectionConfiguration
            .builder()
            .host("127.0.0.1")
            .port(port)
            .username("simul")
            .database("postgres")
            .loopResources(loopResources())
            .build(),
    )

suspend fun adults(connections: ConnectionFactory): List<String> =
    usingWhen(connections.create(), { it.close() }) { connection ->
        val results = connection.createStatement("SELECT name FROM people WHERE age >= $1 ORDER BY name").bind("$1", 18).execute()
        val names = Flux.from(results).flatMap { result -> result.map { row -> row.get("name", String::class.java)!! } }
        names.toAsyncGenerator().toList()
    }

suspend fun rename(
    connection: Connection,
    from: String,
    to: String,
): Long {
    await(connection.beginTransaction())
    try {
        val results = connection.createStatement("UPDATE people SET name = $2 WHERE name = $1").bind("$1", from).bind("$2", to).execute()
        val changed = awaitSingle(Flux.from(results).flatMap { it.rowsUpdated })
        await(connection.commitTransaction())
        return changed
    } catch (e: Throwable) {
        await(connection.rollbackTransaction())
        throw e
    }
}

suspend fun nextOrders(
    connection: PostgresqlConnection,
    count: Int,
): List<String> {
    await(connection.createStatement("LISTEN orders").execute().flatMap { it.rowsUpdated }.then())
    return aclosing(connection.notifications.toAsyncGenerator()) { orders -> List(count) { orders.anext().parameter!! } }
}
