// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.gallery.fluent

import dev.simul.AsyncContextManager
import dev.simul.demo.gallery.run
import dev.simul.use
import io.r2dbc.spi.Connection
import io.r2dbc.spi.ConnectionFactories
import io.r2dbc.spi.R2dbcDataIntegrityViolationException
import kotlinx.coroutines.reactive.awaitFirstOrNull
import kotlinx.coroutines.reactive.awaitSingle

private class ConnectionTransaction(
    private val connection: Connection,
) : AsyncContextManager<Unit> {
    suspend fun start() {
        connection.beginTransaction().awaitFirstOrNull()
    }

    suspend fun commit() {
        connection.commitTransaction().awaitFirstOrNull()
    }

    suspend fun rollback() {
        connection.rollbackTransaction().awaitFirstOrNull()
    }

    override suspend fun aenter() = start()

    override suspend fun aexit(exception: Throwable?): Boolean {
        if (exception == null) commit() else rollback()
        return false
    }
}

private fun Connection.transaction() = ConnectionTransaction(this)

private suspend fun Connection.execute(sql: String) = createStatement(sql).execute().awaitSingle().rowsUpdated.awaitSingle()

private suspend fun Connection.count(): Any {
    val result = createStatement("SELECT count(*) FROM mytable").execute().awaitSingle()
    return result.map { row, _ -> row.get(0)!! }.awaitSingle()
}

private suspend fun insertByHand(
    connection: Connection,
    vararg rows: String,
) {
    val tr = connection.transaction()
    tr.start()
    try {
        for (row in rows) connection.execute("INSERT INTO mytable VALUES $row")
    } catch (e: Throwable) {
        tr.rollback()
        throw e
    }
    tr.commit()
}

private suspend fun insert(
    connection: Connection,
    vararg rows: String,
) {
    connection.transaction().use {
        for (row in rows) connection.execute("INSERT INTO mytable VALUES $row")
    }
}

internal fun transaction() =
    run {
        val connection = ConnectionFactories.get("r2dbc:h2:mem:///transaction").create().awaitSingle()
        try {
            connection.execute("CREATE TABLE mytable (a INT PRIMARY KEY, b INT, c INT)")
            insertByHand(connection, "(1, 2, 3)")
            println("committed by hand, rows: ${connection.count()}")
            try {
                insertByHand(connection, "(4, 5, 6)", "(1, 2, 3)")
            } catch (_: R2dbcDataIntegrityViolationException) {
                println("rolled back by hand, rows: ${connection.count()}")
            }
            insert(connection, "(4, 5, 6)")
            println("committed, rows: ${connection.count()}")
            try {
                insert(connection, "(7, 8, 9)", "(1, 2, 3)")
            } catch (_: R2dbcDataIntegrityViolationException) {
                println("rolled back, rows: ${connection.count()}")
            }
        } finally {
            connection.close().awaitFirstOrNull()
        }
    }
