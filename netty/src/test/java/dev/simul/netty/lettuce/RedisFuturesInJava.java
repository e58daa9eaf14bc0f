// SPDX-License-Identifier: Apache-2.0
package dev.simul.netty.lettuce;

import dev.simul.facade.Future;
import io.lettuce.core.ConnectionFuture;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisFuture;
import io.lettuce.core.RedisURI;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.api.async.RedisAsyncCommands;
import io.lettuce.core.codec.StringCodec;
import io.lettuce.core.protocol.AsyncCommand;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

import static dev.simul.facade.Asyncio.await;
import static dev.simul.facade.Asyncio.gather;
import static dev.simul.facade.Asyncio.waitFor;
import static dev.simul.facade.Asyncio.wrapFuture;
import static dev.simul.netty.lettuce.LettuceOnLoop.clientResources;
import static dev.simul.netty.lettuce.LettuceOnLoop.redisClient;
import static java.time.Duration.ofSeconds;

/** Whatever Lettuce returns, plain Java awaits, without a cast, a callback or a type that it would have to name; FuturesTest runs it. */
final class RedisFuturesInJava {
    private RedisFuturesInJava() {}

    static List<Object> everyKind(RedisURI server) throws TimeoutException {
        List<Object> answers = new ArrayList<>();
        RedisClient client = redisClient(server, clientResources());
        ConnectionFuture<StatefulRedisConnection<String, String>> connecting = client.connectAsync(StringCodec.UTF8, server);
        StatefulRedisConnection<String, String> connection = await(connecting);
        RedisAsyncCommands<String, String> redis = connection.async();

        RedisFuture<String> command = redis.echo("a command");
        answers.add(await(command));
        answers.add(await(redis.echo("in place")));
        CompletionStage<String> stage = redis.echo("a stage");
        answers.add(await(stage));
        CompletableFuture<String> future = redis.echo("a future").toCompletableFuture();
        answers.add(await(future));
        java.util.concurrent.Future<String> plain = redis.echo("a plain future");
        answers.add(await(plain));
        answers.add(await(redis.echo("a dependent").thenApply(String::length)));
        AsyncCommand<?, ?, ?> asyncCommand = (AsyncCommand<?, ?, ?>) redis.echo("a class");
        answers.add(await(asyncCommand));

        Future<String> wrapped = wrapFuture(redis.echo("wrapped"));
        answers.add(await(wrapped));
        answers.addAll(await(gather(wrapFuture(redis.echo("one")), wrapFuture(redis.echo("two")))));
        answers.add(await(waitFor(wrapFuture(redis.echo("in time")), ofSeconds(30)), TimeoutException.class));

        CompletableFuture<Void> closing = connection.closeAsync();
        await(closing);
        await(client.shutdownAsync(0, 1, TimeUnit.SECONDS));
        io.netty.util.concurrent.Future<Boolean> shutdown = client.getResources().shutdown();
        answers.add(await(shutdown));
        return answers;
    }
}
