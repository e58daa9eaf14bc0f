// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.gallery.drivers;

import dev.simul.facade.AsyncIterable;
import dev.simul.facade.Queue;
import dev.simul.facade.Task;
import io.vertx.pgclient.PgBuilder;
import io.vertx.pgclient.PgConnection;
import io.vertx.pgclient.PgException;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.PoolOptions;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.util.ArrayList;
import java.util.List;

import static dev.simul.demo.gallery.Stage.run;
import static dev.simul.facade.Asyncio.asyncGenerator;
import static dev.simul.facade.Asyncio.await;
import static dev.simul.facade.Asyncio.createTask;
import static dev.simul.facade.Asyncio.gather;
import static dev.simul.facade.Asyncio.toThread;
import static dev.simul.netty.vertx.PgConnections.transaction;
import static dev.simul.netty.vertx.PgConnections.useConnection;
import static dev.simul.netty.vertx.VertxOnLoop.await;
import static dev.simul.netty.vertx.VertxOnLoop.vertx;

final class Postgres {
    /** Both accounts are changed, and listeners told, or neither. */
    static void transfer(Pool pool, long amount, String from, String to) {
        useConnection(pool.getConnection(), connection -> transaction(connection, () -> {
            var change = connection.preparedQuery("UPDATE accounts SET balance = balance + $1 WHERE owner = $2");
            await(change.execute(Tuple.of(amount, to)));
            String news = from + " sent " + to + " " + amount;
            await(connection.preparedQuery("SELECT pg_notify('transfers', $1)").execute(Tuple.of(news)));
            return await(change.execute(Tuple.of(-amount, from)));
        }));
    }

    /** What the server notifies of, from now on. */
    static AsyncIterable<String> notifications(PgConnection connection, String channel) {
        var arrived = new Queue<String>();
        connection.notificationHandler(notification -> arrived.putNowait(notification.getPayload()));
        await(connection.query("LISTEN " + channel).execute());
        return asyncGenerator(gen -> {
            while (true) {
                gen.yield(await(arrived.get()));
            }
        });
    }

    /** A cursor: the server sends fifty rows when they are asked for. */
    static AsyncIterable<Long> squares(SqlConnection connection) {
        return asyncGenerator(gen -> {
            var statement = await(connection.prepare("SELECT n * n FROM generate_series(1::int8, 1000000) AS n"));
            var cursor = statement.cursor();
            try {
                do {
                    for (Row row : await(cursor.read(50))) {
                        gen.yield(row.getLong(0));
                    }
                } while (cursor.hasMore());
            } finally {
                await(cursor.close());
            }
        });
    }

    static void transfers(Pool pool, PgConnection listener) {
        var heard = notifications(listener, "transfers").iterator();
        transfer(pool, 30, "Ada", "Alan");
        try {
            transfer(pool, 500, "Ada", "Alan");
        } catch (PgException e) {
            System.out.println("Ada has no 500 (" + e.getConstraint() + "), so Alan did not get them");
        }
        transfer(pool, 20, "Alan", "Ada");
        System.out.println("Heard that " + heard.next() + ", and that " + heard.next());
        for (Row account : await(pool.query("SELECT owner, balance FROM accounts ORDER BY owner").execute())) {
            System.out.println(account.getString("owner") + " has " + account.getLong("balance"));
        }
    }

    static void firstAbove(long limit, SqlConnection connection) {
        transaction(connection, () -> {
            try (var squares = squares(connection)) {
                for (long square : squares) {
                    if (square > limit) {
                        System.out.println(square + " is the first square above " + limit);
                        break;
                    }
                }
            }
            return null;
        });
    }

    static void go(Pool pool) {
        List<Task<Long>> asked = new ArrayList<>();
        for (int n = 0; n < 10; n++) {
            Tuple argument = Tuple.of(n);
            asked.add(createTask(() -> {
                var rows = await(pool.preparedQuery("SELECT $1::int8 * $1").execute(argument));
                return rows.iterator().next().getLong(0);
            }));
        }
        System.out.println("A pool answered ten tasks: " + await(gather(asked)));
        await(pool.query("CREATE TABLE accounts (owner text PRIMARY KEY, balance int8 CHECK (balance >= 0))").execute());
        await(pool.query("INSERT INTO accounts VALUES ('Ada', 100), ('Alan', 100)").execute());
        useConnection(pool.getConnection(), connection -> {
            transfers(pool, PgConnection.cast(connection));
            return null;
        });
        useConnection(pool.getConnection(), connection -> {
            firstAbove(5_000_000, connection);
            return null;
        });
    }

    static void main(String[] args) {
        run(() -> {
            var server = await(toThread(LocalPostgres::start));
            var pool = PgBuilder.pool()
                    .with(new PoolOptions().setMaxSize(4))
                    .connectingTo(server.getOptions())
                    .using(vertx())
                    .build();
            try {
                go(pool);
            } finally {
                await(pool.close());
                await(toThread(server::close));
            }
        });
    }
}
