// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.docs;

import dev.simul.facade.Body;
import dev.simul.facade.ThreadOptions;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.AtomicBoolean;
import javax.sql.DataSource;

import static dev.simul.facade.Asyncio.await;
import static dev.simul.facade.Asyncio.toThread;

/** The cookbook's blocks about a transaction; CookbookJdbcTest runs them, the facade's DocsTest compares. */
final class CookbookSamplesJdbcInJava {
    private CookbookSamplesJdbcInJava() {}

    static <T> T transaction(DataSource database, Body<Connection, T> work) {
        var isCancelled = new AtomicBoolean();
        return await(toThread(new ThreadOptions().onCancel(() -> isCancelled.set(true)), () -> {
            try (var connection = database.getConnection()) {
                connection.setAutoCommit(false);
                try {
                    T result = work.call(connection);
                    if (isCancelled.get()) {
                        throw new CancellationException("nobody waits for this transaction");
                    }
                    connection.commit();
                    return result;
                } catch (Throwable e) {
                    connection.rollback();
                    throw e;
                }
            }
        }));
    }

    static void transfer(DataSource bank, long amount, String from, String to) {
        transaction(bank, connection -> {
            String sql = "UPDATE accounts SET balance = balance + ? WHERE owner = ?";
            try (var change = connection.prepareStatement(sql)) {
                for (String owner : new String[] {from, to}) {
                    change.setLong(1, owner.equals(from) ? -amount : amount);
                    change.setString(2, owner);
                    if (change.executeUpdate() != 1) {
                        throw new SQLException(owner + " has no account");
                    }
                }
            }
            return null;
        });
    }
}
