// SPDX-License-Identifier: Apache-2.0
package dev.simul.benchmarks.drivers

import dev.simul.FacadeApi
import dev.simul.netty.vertx.await
import dev.simul.netty.vertx.awaitFutureInBody
import dev.simul.netty.vertx.vertx
import io.vertx.core.Vertx
import io.vertx.pgclient.PgConnectOptions
import io.vertx.pgclient.PgConnection
import io.vertx.sqlclient.PreparedQuery
import io.vertx.sqlclient.Row
import io.vertx.sqlclient.RowSet
import io.vertx.sqlclient.Tuple

/** Executes one prepared statement again and again. */
internal class PostgresConnection private constructor(
    private val query: PreparedQuery<RowSet<Row>>,
) : Connection {
    override suspend fun ask() {
        await(query.execute(ARGUMENTS))
    }

    @OptIn(FacadeApi::class)
    override fun askInBody() {
        awaitFutureInBody(query.execute(ARGUMENTS))
    }

    companion object {
        private val ARGUMENTS = Tuple.of(42)

        suspend fun of(
            port: Int,
            user: String,
            onLoop: Boolean,
            pipelined: Int,
        ): PostgresConnection {
            val options =
                PgConnectOptions()
                    .setHost("127.0.0.1")
                    .setPort(port)
                    .setUser(user)
                    .setDatabase("postgres")
                    .setPipeliningLimit(pipelined)
            val connection = await(PgConnection.connect(if (onLoop) vertx() else Vertx.vertx(), options))
            return PostgresConnection(await(connection.prepare("SELECT $1::int")).query())
        }
    }
}
