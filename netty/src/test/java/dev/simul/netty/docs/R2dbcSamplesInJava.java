// SPDX-License-Identifier: Apache-2.0
package dev.simul.netty.docs;

import io.r2dbc.postgresql.PostgresqlConnectionConfiguration;
import io.r2dbc.postgresql.PostgresqlConnectionFactory;
import io.r2dbc.postgresql.api.Notification;
import io.r2dbc.postgresql.api.PostgresqlConnection;
import io.r2dbc.spi.Connection;
import io.r2dbc.spi.ConnectionFactory;
import java.util.ArrayList;
import java.util.List;
import reactor.core.publisher.Flux;

import static dev.simul.facade.Asyncio.fromPublisher;
import static dev.simul.netty.reactor.ReactorOnLoop.loopResources;
import static dev.simul.reactivestreams.ReactiveStreams.await;
import static dev.simul.reactivestreams.ReactiveStreams.awaitSingle;
import static dev.simul.reactivestreams.ReactiveStreams.usingWhen;
import static org.reactivestreams.FlowAdapters.toFlowPublisher;

/** The blocks of Java in the guide to PostgreSQL by r2dbc-postgresql; R2dbcSamplesTest runs them, the facade's DocsTest compares. */
final class R2dbcSamplesInJava {
    private R2dbcSamplesInJava() {}

    static ConnectionFactory connectionFactory(int port) {
        return new PostgresqlConnectionFactory(PostgresqlConnectionConfiguration.builder()
                .host("127.0.0.1")
                .port(port)
                .username("simul")
                .database("postgres")
                .loopResources(loopResources())
                .build());
    }

    static List<String> adults(ConnectionFactory connections) {
        return usingWhen(connections.create(), Connection::close, connection -> {
            var results = connection
                    .createStatement("SELECT name FROM people WHERE age >= $1 ORDER BY name")
                    .bind("$1", 18)
                    .execute();
            var names = Flux.from(results).flatMap(result -> result.map(row -> row.get("name", String.class)));
            List<String> adults = new ArrayList<>();
            for (String name : fromPublisher(toFlowPublisher(names))) {
                adults.add(name);
            }
            return adults;
        });
    }

    static long rename(Connection connection, String from, String to) {
        await(connection.beginTransaction());
        try {
            var results = connection
                    .createStatement("UPDATE people SET name = $2 WHERE name = $1")
                    .bind("$1", from)
                    .bind("$2", to)
                    .execute();
            long changed = awaitSingle(Flux.from(results).flatMap(result -> result.getRowsUpdated()));
            await(connection.commitTransaction());
            return changed;
        } catch (Throwable e) {
            await(connection.rollbackTransaction());
            throw e;
        }
    }

    static List<String> nextOrders(PostgresqlConnection connection, int count) {
        await(connection
                .createStatement("LISTEN orders")
                .execute()
                .flatMap(result -> result.getRowsUpdated())
                .then());
        List<String> next = new ArrayList<>();
        try (var orders = fromPublisher(toFlowPublisher(connection.getNotifications()))) {
            for (Notification order : orders) {
                next.add(order.getParameter());
                if (next.size() == count) {
                    break;
                }
            }
        }
        return next;
    }
}
