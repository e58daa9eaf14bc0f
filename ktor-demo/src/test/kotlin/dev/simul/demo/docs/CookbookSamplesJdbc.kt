// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.docs

import dev.simul.toThread
import kotlinx.coroutines.CancellationException
import java.sql.Connection
import java.sql.SQLException
import java.util.concurrent.atomic.AtomicBoolean
import javax.sql.DataSource

// The cookbook's blocks about a transaction; CookbookJdbcTest runs them, the runtime's DocsTest compares.

suspend fun <T> transaction(
    database: DataSource,
    work: (Connection) -> T,
): T {
    val isCancelled = AtomicBoolean()
    return toThread(onCancel = { isCancelled.set(true) }) {
        database.connection.use { connection ->
            connection.autoCommit = false
            try {
                val result = work(connection)
                if (isCancelled.get()) throw CancellationException("nobody waits for this transaction")
                connection.commit()
                result
            } catch (e: Throwable) {
                connection.rollback()
                throw e
            }
        }
    }
}

suspend fun transfer(
    bank: DataSource,
    amount: Long,
    from: String,
    to: String,
) {
    transaction(bank) { connection ->
        connection.prepareStatement("UPDATE accounts SET balance = balance + ? WHERE owner = ?").use { change ->
            for ((owner, sum) in listOf(from to -amount, to to amount)) {
                change.setLong(1, sum)
                change.setString(2, owner)
                if (change.executeUpdate() != 1) throw SQLException("$owner has no account")
            }
        }
    }
}
