// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.gallery.drivers;

import dev.simul.exceptions.CancelledException;
import dev.simul.facade.AsyncIterable;
import dev.simul.facade.Queue;
import dev.simul.facade.Task;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisFuture;
import io.lettuce.core.RedisURI;
import io.lettuce.core.codec.StringCodec;
import io.lettuce.core.pubsub.RedisPubSubAdapter;
import io.lettuce.core.pubsub.StatefulRedisPubSubConnection;
import java.util.ArrayList;
import java.util.List;
import java.util.StringJoiner;

import static dev.simul.demo.gallery.Stage.run;
import static dev.simul.facade.Asyncio.asyncGenerator;
import static dev.simul.facade.Asyncio.await;
import static dev.simul.facade.Asyncio.createTask;
import static dev.simul.facade.Asyncio.gatherResults;
import static dev.simul.facade.Asyncio.toThread;
import static dev.simul.netty.lettuce.LettuceOnLoop.redisClient;

final class Redis {
    /** Takes jobs from the queue, one after the other. BRPOP blocks its connection, so each worker has one of its own. */
    static void worker(RedisClient client, RedisURI server, String name) {
        var connection = await(client.connectAsync(StringCodec.UTF8, server));
        var redis = connection.async();
        try {
            while (true) {
                var job = await(redis.brpop(5.0, "jobs"));
                if (job != null) {
                    String word = job.getValue();
                    await(redis.hset("results", word, new StringBuilder(word).reverse().toString()));
                    await(redis.publish("progress", word + " is done"));
                }
            }
        } catch (CancelledException e) {
            System.out.println(name + " goes home");
            throw e;
        } finally {
            await(connection.closeAsync());
        }
    }

    /** What is published from now on. */
    static AsyncIterable<String> messages(StatefulRedisPubSubConnection<String, String> connection, String channel) {
        var messages = new Queue<String>();
        connection.addListener(new RedisPubSubAdapter<>() {
            @Override
            public void message(String channel, String message) {
                messages.putNowait(message);
            }
        });
        await(connection.async().subscribe(channel));
        return asyncGenerator(gen -> {
            while (true) {
                gen.yield(await(messages.get()));
            }
        });
    }

    static void reverse(RedisURI server, List<String> words) {
        RedisClient client = redisClient(server);
        try {
            var redis = await(client.connectAsync(StringCodec.UTF8, server)).async();
            var progress = messages(await(client.connectPubSubAsync(StringCodec.UTF8, server)), "progress");
            List<Task<Void>> workers = new ArrayList<>();
            for (String name : List.of("Worker 1", "Worker 2", "Worker 3")) {
                workers.add(createTask(() -> worker(client, server, name)));
            }
            await(redis.lpush("jobs", words.toArray(new String[0])));
            int done = 0;
            for (String message : progress) {
                System.out.println(message);
                if (++done == words.size()) {
                    break;
                }
            }
            List<RedisFuture<String>> results = new ArrayList<>();
            for (String word : words) {
                results.add(redis.hget("results", word)); // a pipeline
            }
            var line = new StringJoiner(" ");
            for (var result : results) {
                line.add(await(result));
            }
            System.out.println(line);
            workers.forEach(worker -> worker.cancel());
            await(gatherResults(workers));
        } finally {
            await(client.shutdownAsync());
        }
    }

    static void main(String[] args) {
        run(() -> {
            var server = await(toThread(LocalRedis::start));
            try {
                reverse(server.getUri(), List.of("Guido", "Yury", "Nathaniel", "Andrew", "Elizabeth", "Salvatore"));
            } finally {
                await(toThread(server::close));
            }
        });
    }
}
