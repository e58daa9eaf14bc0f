// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.gallery.fluent;

import dev.simul.facade.AsyncContextManager;
import io.r2dbc.spi.Connection;
import io.r2dbc.spi.ConnectionFactories;
import io.r2dbc.spi.R2dbcDataIntegrityViolationException;
import reactor.core.publisher.Mono;

import static dev.simul.demo.gallery.Stage.run;
import static dev.simul.facade.Asyncio.asyncWith;
import static dev.simul.facade.Asyncio.await;

final class Transaction implements AsyncContextManager<Void> {
    private final Connection connection;

    Transaction(Connection connection) {
        this.connection = connection;
    }

    void start() {
        await(Mono.from(connection.beginTransaction()).toFuture());
    }

    void commit() {
        await(Mono.from(connection.commitTransaction()).toFuture());
    }

    void rollback() {
        await(Mono.from(connection.rollbackTransaction()).toFuture());
    }

    @Override
    public Void aenter() {
        start();
        return null;
    }

    @Override
    public boolean aexit(Throwable exception) {
        if (exception == null) {
            commit();
        } else {
            rollback();
        }
        return false;
    }

    static void execute(Connection connection, String sql) {
        var result = await(Mono.from(connection.createStatement(sql).execute()).toFuture());
        await(Mono.from(result.getRowsUpdated()).toFuture());
    }

    static long count(Connection connection) {
        var result = await(Mono.from(connection.createStatement("SELECT count(*) FROM mytable").execute()).toFuture());
        return await(Mono.from(result.map(row -> row.get(0, Long.class))).toFuture());
    }

    static void insertByHand(Connection connection, String... rows) {
        var tr = new Transaction(connection);
        tr.start();
        try {
            for (String row : rows) {
                execute(connection, "INSERT INTO mytable VALUES " + row);
            }
        } catch (Throwable e) {
            tr.rollback();
            throw e;
        }
        tr.commit();
    }

    static void insert(Connection connection, String... rows) {
        await(asyncWith(new Transaction(connection), it -> {
            for (String row : rows) {
                execute(connection, "INSERT INTO mytable VALUES " + row);
            }
            return null;
        }));
    }

    static void main(String[] args) {
        run(() -> {
            var connection = await(Mono.<Connection>from(ConnectionFactories.get("r2dbc:h2:mem:///transaction").create()).toFuture());
            try {
                execute(connection, "CREATE TABLE mytable (a INT PRIMARY KEY, b INT, c INT)");
                insertByHand(connection, "(1, 2, 3)");
                System.out.println("committed by hand, rows: " + count(connection));
                try {
                    insertByHand(connection, "(4, 5, 6)", "(1, 2, 3)");
                } catch (R2dbcDataIntegrityViolationException e) {
                    System.out.println("rolled back by hand, rows: " + count(connection));
                }
                insert(connection, "(4, 5, 6)");
                System.out.println("committed, rows: " + count(connection));
                try {
                    insert(connection, "(7, 8, 9)", "(1, 2, 3)");
                } catch (R2dbcDataIntegrityViolationException e) {
                    System.out.println("rolled back, rows: " + count(connection));
                }
            } finally {
                await(Mono.from(connection.close()).toFuture());
            }
        });
    }
}
