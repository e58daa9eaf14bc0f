// SPDX-License-Identifier: Apache-2.0
package dev.simul.netty.docs;

import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import io.lettuce.core.codec.StringCodec;
import io.lettuce.core.resource.ClientResources;
import io.lettuce.core.resource.DefaultClientResources;
import io.lettuce.core.resource.EventLoopGroupProvider;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoEventLoopGroup;
import io.netty.util.concurrent.EventExecutorGroup;
import java.util.concurrent.TimeUnit;

import static dev.simul.facade.Asyncio.await;
import static dev.simul.netty.NettyOnLoop.eventLoopGroup;

/** The block of Java in the guide to Netty that needs a Redis; LettuceSamplesTest runs it, the facade's DocsTest compares. */
final class LettuceSamplesInJava {
    private LettuceSamplesInJava() {}

    /** Gives Lettuce the group of the loop, which is not its to shut down. */
    record GroupOfLoop(IoEventLoopGroup group) implements EventLoopGroupProvider {
        @Override
        @SuppressWarnings("unchecked")
        public <T extends EventLoopGroup> T allocate(Class<T> type) {
            return (T) group;
        }

        @Override
        public int threadPoolSize() {
            return 1;
        }

        @Override
        public io.netty.util.concurrent.Future<Boolean> release(
                EventExecutorGroup released, long quietPeriod, long timeout, TimeUnit unit) {
            return group.next().newSucceededFuture(true);
        }

        @Override
        public io.netty.util.concurrent.Future<Boolean> shutdown(long quietPeriod, long timeout, TimeUnit unit) {
            return group.next().newSucceededFuture(true);
        }
    }

    static long countVisits(int port, int visits) {
        IoEventLoopGroup group = eventLoopGroup();
        ClientResources resources = DefaultClientResources.builder()
                .eventLoopGroupProvider(new GroupOfLoop(group))
                .eventExecutorGroup(group)
                .build();
        RedisClient client = RedisClient.create(resources);
        try {
            var connection = await(client.connectAsync(StringCodec.UTF8, RedisURI.create("127.0.0.1", port)));
            long last = 0;
            for (int visit = 0; visit < visits; visit++) {
                last = await(connection.async().incr("visits"));
            }
            return last;
        } finally {
            await(client.shutdownAsync(0, 1, TimeUnit.SECONDS));
            await(resources.shutdown(0, 1, TimeUnit.SECONDS));
        }
    }
}
