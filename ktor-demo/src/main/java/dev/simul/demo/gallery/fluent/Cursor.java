// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.gallery.fluent;

import dev.simul.facade.AsyncContextManager;
import io.r2dbc.spi.Connection;
import io.r2dbc.spi.ConnectionFactories;
import io.r2dbc.spi.ConnectionFactory;
import java.util.ArrayList;
import java.util.List;
import org.reactivestreams.FlowAdapters;
import reactor.core.publisher.Mono;

import static dev.simul.demo.gallery.Stage.run;
import static dev.simul.facade.Asyncio.asyncContextManager;
import static dev.simul.facade.Asyncio.asyncWith;
import static dev.simul.facade.Asyncio.await;
import static dev.simul.facade.Asyncio.fromPublisher;

final class Cursor {
    static AsyncContextManager<Connection> acquire(ConnectionFactory pool) {
        return asyncContextManager(gen -> {
            var conn = await(Mono.<Connection>from(pool.create()).toFuture());
            try {
                gen.yield(conn);
            } finally {
                await(Mono.from(conn.close()).toFuture());
            }
        });
    }

    static void go() {
        var pool = ConnectionFactories.get("r2dbc:h2:mem:///cursor");
        await(asyncWith(acquire(pool), conn -> {
            for (String query : List.of("SELECT 1", "SELECT x * x FROM system_range(1, 3)")) {
                var cur = await(Mono.from(conn.createStatement(query).execute()).toFuture());
                var ret = new ArrayList<Object>();
                try (var rows = fromPublisher(FlowAdapters.toFlowPublisher(cur.map(row -> row.get(0))))) {
                    for (Object row : rows) {
                        ret.add(row);
                    }
                }
                System.out.println(ret);
            }
            return null;
        }));
    }

    static void main(String[] args) {
        run(() -> go());
    }
}
