// SPDX-License-Identifier: Apache-2.0
package dev.simul.netty.docs;

import dev.simul.facade.AsyncIterable;
import dev.simul.facade.Queue;
import dev.simul.facade.Task;
import io.vertx.pgclient.PgBuilder;
import io.vertx.pgclient.PgConnectOptions;
import io.vertx.pgclient.PgConnection;
import io.vertx.sqlclient.Cursor;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.PoolOptions;
import io.vertx.sqlclient.PreparedStatement;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeoutException;

import static dev.simul.facade.Asyncio.asyncGenerator;
import static dev.simul.facade.Asyncio.await;
import static dev.simul.facade.Asyncio.createTask;
import static dev.simul.facade.Asyncio.waitFor;
import static dev.simul.netty.vertx.PgConnections.await;
import static dev.simul.netty.vertx.PgConnections.transaction;
import static dev.simul.netty.vertx.PgConnections.useConnection;
import static dev.simul.netty.vertx.VertxOnLoop.await;
import static dev.simul.netty.vertx.VertxOnLoop.vertx;

/** The blocks of Java in the guide to PostgreSQL by Vert.x's client; PostgresSamplesTest runs them, the facade's DocsTest compares. */
final class PostgresSamplesInJava {
    private PostgresSamplesInJava() {}

    static List<String> adults(PgConnectOptions server) {
        Pool pool = PgBuilder.pool()
                .with(new PoolOptions().setMaxSize(4))
                .connectingTo(server)
                .using(vertx())
                .build();
        try {
            List<String> names = new ArrayList<>();
            String sql = "SELECT name FROM people WHERE age >= $1 ORDER BY name";
            for (Row row : await(pool.preparedQuery(sql).execute(Tuple.of(18)))) {
                names.add(row.getString("name"));
            }
            return names;
        } finally {
            await(pool.close());
        }
    }

    static List<Integer> squares(PgConnectOptions server, int count) {
        SqlClient client = PgBuilder.client()
                .connectingTo(new PgConnectOptions(server).setPipeliningLimit(256))
                .using(vertx())
                .build();
        try {
            var square = client.preparedQuery("SELECT $1::int4 * $1");
            List<Task<Integer>> tasks = new ArrayList<>();
            for (int n = 0; n < count; n++) {
                Tuple argument = Tuple.of(n);
                tasks.add(createTask(() -> await(square.execute(argument)).iterator().next().getInteger(0)));
            }
            List<Integer> squares = new ArrayList<>();
            for (Task<Integer> task : tasks) {
                squares.add(await(task));
            }
            return squares;
        } finally {
            await(client.close());
        }
    }

    static void transfer(Pool pool, long amount, String from, String to) {
        useConnection(pool.getConnection(), connection -> transaction(connection, () -> {
            var change = connection.preparedQuery("UPDATE accounts SET balance = balance + $1 WHERE owner = $2");
            await(change.execute(Tuple.of(-amount, from)));
            return await(change.execute(Tuple.of(amount, to)));
        }));
    }

    static AsyncIterable<Row> rows(SqlConnection connection, String sql, Tuple arguments) {
        return asyncGenerator(gen -> {
            PreparedStatement statement = await(connection.prepare(sql));
            Cursor cursor = statement.cursor(arguments);
            try {
                do {
                    for (Row row : await(cursor.read(50))) {
                        gen.yield(row);
                    }
                } while (cursor.hasMore());
            } finally {
                await(cursor.close());
                await(statement.close());
            }
        });
    }

    static String firstAbove(SqlConnection connection, int age) {
        return transaction(connection, () -> {
            String sql = "SELECT name, age FROM people WHERE age > $1 ORDER BY age";
            try (var people = rows(connection, sql, Tuple.of(age))) {
                for (Row person : people) {
                    if (person.getString("name").startsWith("A")) {
                        return person.getString("name");
                    }
                }
            }
            return null;
        });
    }

    static AsyncIterable<String> notifications(PgConnection connection, String channel) {
        return asyncGenerator(gen -> {
            Queue<String> arrived = new Queue<>();
            connection.notificationHandler(notification -> arrived.putNowait(notification.getPayload()));
            connection.closeHandler(nothing -> arrived.shutdown());
            await(connection.query("LISTEN " + channel).execute());
            try {
                while (true) {
                    gen.yield(await(arrived.get()));
                }
            } finally {
                connection.notificationHandler(null);
                await(connection.query("UNLISTEN " + channel).execute().otherwiseEmpty());
            }
        });
    }

    static List<String> nextOrders(PgConnectOptions server, int count) {
        return useConnection(PgConnection.connect(vertx(), server), connection -> {
            List<String> next = new ArrayList<>();
            try (var orders = notifications(connection, "orders")) {
                for (String order : orders) {
                    next.add(order);
                    if (next.size() == count) {
                        break;
                    }
                }
            }
            return next;
        });
    }

    static Long countSlowly(SqlConnection connection, Duration limit) {
        try {
            var counting = waitFor(() -> {
                var query = connection.query("SELECT count(*) FROM people, pg_sleep(3600)").execute();
                return await(query, connection).iterator().next().getLong(0);
            }, limit);
            return await(counting, TimeoutException.class);
        } catch (TimeoutException e) {
            return null;
        }
    }
}
