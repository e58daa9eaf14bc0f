// SPDX-License-Identifier: Apache-2.0
@file:JvmName("PgConnections")

package dev.simul.netty.vertx

import dev.simul.FacadeApi
import dev.simul.coroutine
import dev.simul.exceptions.CancelledException
import dev.simul.interop.awaitInBody
import io.vertx.pgclient.PgConnection
import io.vertx.sqlclient.SqlConnection
import io.vertx.sqlclient.Transaction
import java.util.function.Function
import io.vertx.core.Future as VertxFuture

/**
 * Waits for a connection, as in `useConnection(pool.connection) { connection -> … }`, calls [block] with it, and closes it, which returns it
 * to its pool.
 *
 * A future of Vert.x cannot be cancelled: if the waiting task is, the connection is closed when it comes. A query that runs while [block] is
 * cancelled goes on, and the next user of the connection waits for it, unless it was awaited by [await] with the connection.
 *
 * In Java, `PgConnections.useConnection(future, block)` does the same. Compare asyncpg's `async with pool.acquire() as connection`.
 */
@JvmSynthetic
public suspend fun <C : SqlConnection, T> useConnection(
    connecting: VertxFuture<C>,
    block: suspend (C) -> T,
): T {
    val connection = arrived(connecting)
    try {
        return block(connection)
    } finally {
        await(connection.close())
    }
}

/** [useConnection] for bodies in Java. */
@FacadeApi
@JvmName("useConnection")
public fun <C : SqlConnection, T> useConnectionInBody(
    connecting: VertxFuture<C>,
    block: Function<in C, out T>,
): T {
    val connection = awaitInBody(coroutine { arrived(connecting) })
    try {
        return block.apply(connection)
    } finally {
        awaitFutureInBody(connection.close())
    }
}

/**
 * Calls [block] within a transaction of [connection], which is then committed; if [block] fails or is cancelled, it is rolled back.
 *
 * The rollback waits for a query that still runs: await long ones by [await] with the connection, so that cancelling ends them.
 *
 * In Java, `PgConnections.transaction(connection, block)` does the same. Compare asyncpg's `async with connection.transaction()`.
 *
 * @throws io.vertx.sqlclient.TransactionRollbackException if the server has rolled it back, since a statement in it had failed.
 */
@JvmSynthetic
public suspend fun <T> transaction(
    connection: SqlConnection,
    block: suspend () -> T,
): T {
    val transaction = begun(connection.begin())
    val result =
        try {
            block()
        } catch (e: Throwable) {
            rollBack(transaction, e)
            throw e
        }
    await(transaction.commit())
    return result
}

/** [transaction] for bodies in Java. */
@FacadeApi
@JvmName("transaction")
public fun <T> transactionInBody(
    connection: SqlConnection,
    block: java.util.concurrent.Callable<out T>,
): T {
    val transaction = awaitInBody(coroutine { begun(connection.begin()) })
    val result =
        try {
            block.call()
        } catch (e: Throwable) {
            awaitInBody(coroutine { rollBack(transaction, e) })
            throw e
        }
    awaitFutureInBody(transaction.commit())
    return result
}

/**
 * As [await], of a [query] of [connection] that ends at the server, too, when the waiting task is cancelled.
 *
 * Then it asks the server to cancel what [connection] executes, and waits until the query has ended, so that the connection can be used at
 * once; being cancelled once more ends this wait. PostgreSQL cancels whatever the connection executes when the request arrives: use it where
 * a connection has one query at a time. If the query ends by itself at that very moment, the next one may be cancelled in its place.
 *
 * In Java, `PgConnections.await(query, connection)` does the same. asyncpg does this for every query.
 *
 * @throws IllegalArgumentException if [connection] is not one of PostgreSQL's.
 */
@JvmSynthetic
public suspend fun <T> await(
    query: VertxFuture<T>,
    connection: SqlConnection,
): T {
    require(connection is PgConnection) { "$connection is not a connection to PostgreSQL" }
    try {
        return await(query)
    } catch (e: CancelledException) {
        if (!query.isComplete) end(query, connection)
        throw e
    }
}

/** [await] for bodies in Java. */
@FacadeApi
@JvmName("await")
public fun <T> awaitQueryInBody(
    query: VertxFuture<T>,
    connection: SqlConnection,
): T = awaitInBody(coroutine { await(query, connection) })

private suspend fun <C : SqlConnection> arrived(connecting: VertxFuture<C>): C =
    try {
        await(connecting)
    } catch (e: CancelledException) {
        connecting.onSuccess { it.close() }
        throw e
    }

private suspend fun begun(beginning: VertxFuture<Transaction>): Transaction =
    try {
        await(beginning)
    } catch (e: CancelledException) {
        await(beginning.compose { it.rollback() }.otherwiseEmpty())
        throw e
    }

/** After [reason], to which a failure of the rollback is added: the connection is lost then, and the transaction with it. */
private suspend fun rollBack(
    transaction: Transaction,
    reason: Throwable,
) {
    val failure = await(transaction.rollback().map<Throwable?> { null }.otherwise { it })
    if (failure != null) reason.addSuppressed(failure)
}

private suspend fun end(
    query: VertxFuture<*>,
    connection: PgConnection,
) {
    // A server that cannot be reached has no query any longer, and its connection ends with a failure, too.
    await(connection.cancelRequest().otherwiseEmpty())
    await(query.otherwiseEmpty())
}
