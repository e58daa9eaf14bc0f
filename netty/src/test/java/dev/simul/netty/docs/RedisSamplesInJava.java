// SPDX-License-Identifier: Apache-2.0
package dev.simul.netty.docs;

import dev.simul.facade.AsyncIterable;
import dev.simul.facade.Queue;
import dev.simul.facade.Task;
import io.lettuce.core.LMoveArgs;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisFuture;
import io.lettuce.core.RedisURI;
import io.lettuce.core.ScanArgs;
import io.lettuce.core.ScanCursor;
import io.lettuce.core.api.async.RedisAsyncCommands;
import io.lettuce.core.cluster.RedisClusterClient;
import io.lettuce.core.codec.StringCodec;
import io.lettuce.core.pubsub.RedisPubSubAdapter;
import io.lettuce.core.pubsub.StatefulRedisPubSubConnection;
import io.lettuce.core.resource.ClientResources;
import io.lettuce.core.resource.Delay;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;

import static dev.simul.facade.Asyncio.asyncGenerator;
import static dev.simul.facade.Asyncio.await;
import static dev.simul.facade.Asyncio.createTask;
import static dev.simul.facade.Asyncio.gather;
import static dev.simul.facade.Asyncio.timeout;
import static dev.simul.netty.lettuce.LettuceOnLoop.clientResources;
import static dev.simul.netty.lettuce.LettuceOnLoop.redisClient;
import static java.time.Duration.ofMillis;

/** The blocks of Java in the guide to Redis; {@code RedisSamplesTest} runs them, the facade's DocsTest compares. */
final class RedisSamplesInJava {
    private RedisSamplesInJava() {}

    static long countVisits(RedisURI server, int visits) {
        RedisClient client = redisClient(server);
        try {
            var redis = await(client.connectAsync(StringCodec.UTF8, server)).async();
            List<Task<Long>> tasks = new ArrayList<>();
            for (int visit = 0; visit < visits; visit++) {
                tasks.add(createTask(() -> await(redis.incr("visits"))));
            }
            return Collections.max(await(gather(tasks)));
        } finally {
            await(client.shutdownAsync());
        }
    }

    static List<String> names(RedisAsyncCommands<String, String> redis, List<Integer> users) {
        List<RedisFuture<String>> answers = new ArrayList<>();
        for (int user : users) {
            answers.add(redis.hget("user:" + user, "name"));
        }
        List<String> names = new ArrayList<>();
        for (var answer : answers) {
            names.add(await(answer));
        }
        return names;
    }

    static List<Object> transfer(RedisAsyncCommands<String, String> redis, String from, String to, long amount) {
        redis.multi();
        redis.decrby(from, amount);
        redis.incrby(to, amount);
        return await(redis.exec()).stream().toList();
    }

    static boolean withdraw(RedisClient client, RedisURI server, String account, long amount) {
        var connection = await(client.connectAsync(StringCodec.UTF8, server));
        try {
            var redis = connection.async();
            while (true) {
                await(redis.watch(account));
                long balance = Long.parseLong(await(redis.get(account)));
                if (balance < amount) {
                    return false;
                }
                redis.multi();
                redis.set(account, Long.toString(balance - amount));
                if (!await(redis.exec()).wasDiscarded()) {
                    return true;
                }
            }
        } finally {
            await(connection.closeAsync());
        }
    }

    static AsyncIterable<String> messages(
            StatefulRedisPubSubConnection<String, String> connection, String channel) {
        var messages = new Queue<String>();
        connection.addListener(new RedisPubSubAdapter<>() {
            @Override
            public void message(String of, String message) {
                if (of.equals(channel)) {
                    messages.putNowait(message);
                }
            }
        });
        await(connection.async().subscribe(channel));
        return asyncGenerator(gen -> {
            while (true) {
                gen.yield(await(messages.get()));
            }
        });
    }

    static String firstAlarm(RedisClient client, RedisURI server) {
        var connection = await(client.connectPubSubAsync(StringCodec.UTF8, server));
        try {
            for (String message : messages(connection, "news")) {
                if (message.startsWith("alarm")) {
                    return message;
                }
            }
            throw new IllegalStateException("messages do not end");
        } finally {
            await(connection.closeAsync());
        }
    }

    static AsyncIterable<String> keys(RedisAsyncCommands<String, String> redis, String pattern) {
        return asyncGenerator(gen -> {
            var cursor = ScanCursor.INITIAL;
            while (!cursor.isFinished()) {
                var page = await(redis.scan(cursor, new ScanArgs().match(pattern).limit(100)));
                for (String key : page.getKeys()) {
                    gen.yield(key);
                }
                cursor = page;
            }
        });
    }

    static void work(RedisClient client, RedisURI server, Consumer<String> handle) {
        var connection = await(client.connectAsync(StringCodec.UTF8, server));
        try {
            var redis = connection.async();
            while (true) {
                String job = await(redis.blmove("jobs", "running", LMoveArgs.Builder.rightLeft(), 5.0));
                if (job != null) {
                    handle.accept(job);
                    await(redis.lrem("running", 1, job));
                }
            }
        } finally {
            await(connection.closeAsync());
        }
    }

    static String greeting(RedisAsyncCommands<String, String> redis, int user) {
        try {
            String found = await(timeout(ofMillis(50), () -> await(redis.get("greeting:" + user))), TimeoutException.class);
            return found == null ? "Welcome!" : found;
        } catch (TimeoutException e) {
            return "Welcome back!";
        }
    }

    static ClientResources settings() {
        return clientResources(false, builder -> builder.reconnectDelay(Delay.constant(ofMillis(10))));
    }

    static long visitsInCluster(RedisURI server) {
        RedisClusterClient client = RedisClusterClient.create(clientResources(), server);
        try {
            await(client.refreshPartitionsAsync());
            var redis = await(client.connectAsync(StringCodec.UTF8)).async();
            return await(redis.incr("visits"));
        } finally {
            await(client.shutdownAsync());
        }
    }
}
