// SPDX-License-Identifier: Apache-2.0
package dev.simul.netty.grpc;

import dev.simul.facade.AsyncIterable;
import io.grpc.Channel;
import io.grpc.MethodDescriptor;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CancellationException;

import static dev.simul.facade.Asyncio.asyncGenerator;
import static dev.simul.facade.Asyncio.await;
import static dev.simul.facade.Asyncio.gather;
import static dev.simul.facade.Asyncio.sleep;
import static dev.simul.netty.grpc.GrpcOnLoop.streamStream;
import static dev.simul.netty.grpc.GrpcOnLoop.streamStreamHandler;
import static dev.simul.netty.grpc.GrpcOnLoop.streamUnary;
import static dev.simul.netty.grpc.GrpcOnLoop.streamUnaryHandler;
import static dev.simul.netty.grpc.GrpcOnLoop.unaryStream;
import static dev.simul.netty.grpc.GrpcOnLoop.unaryStreamHandler;
import static dev.simul.netty.grpc.GrpcOnLoop.unaryUnary;
import static dev.simul.netty.grpc.GrpcOnLoop.unaryUnaryHandler;

/** What GrpcBodiesTest has bodies in Java do, at either end. */
final class JavaWords {
    private static final MethodDescriptor<String, String> SHOUT = Words.INSTANCE.getSHOUT();
    private static final MethodDescriptor<String, String> SPELL = Words.INSTANCE.getSPELL();
    private static final MethodDescriptor<String, String> JOIN = Words.INSTANCE.getJOIN();
    private static final MethodDescriptor<String, String> CHAT = Words.INSTANCE.getCHAT();

    private JavaWords() {}

    /** A service whose handlers wait, and note when they end. */
    static ServerServiceDefinition service(List<String> events) {
        return ServerServiceDefinition.builder("test.Words")
                .addMethod(SHOUT, unaryUnaryHandler((request, context) -> {
                    switch (request) {
                        case "secret" -> throw new IOException("the password is 1234");
                        case "missing" -> throw Status.NOT_FOUND.withDescription("no such word").asException();
                        case "slow" -> {
                            events.add("begins");
                            try {
                                await(sleep(Duration.ofHours(1)));
                            } catch (CancellationException e) {
                                events.add("is cancelled");
                                throw e;
                            }
                        }
                        default -> await(sleep(Duration.ofMillis(1)));
                    }
                    return request.toUpperCase(Locale.ROOT);
                }))
                .addMethod(SPELL, unaryStreamHandler((request, context) -> asyncGenerator(gen -> {
                    try {
                        for (int i = 0; request.equals("endless") || i < request.length(); i++) {
                            gen.yield(request.substring(i % request.length(), i % request.length() + 1));
                        }
                    } finally {
                        events.add("has spelled");
                    }
                })))
                .addMethod(JOIN, streamUnaryHandler((requests, context) -> {
                    var joined = new StringBuilder();
                    for (String request : requests) {
                        joined.append(request);
                        if (request.equals("enough")) {
                            break;
                        }
                    }
                    return joined.toString();
                }))
                .addMethod(CHAT, streamStreamHandler((requests, context) -> asyncGenerator(gen -> {
                    for (String request : requests) {
                        gen.yield(request.toUpperCase(Locale.ROOT));
                    }
                    gen.yield("BYE");
                })))
                .build();
    }

    static List<String> callEach(Channel channel) {
        var answers = new ArrayList<String>();
        answers.add(await(unaryUnary(channel, SHOUT, "hello")));
        answers.add(joined(unaryStream(channel, SPELL, "letters")));
        answers.add(await(streamUnary(channel, JOIN, List.of("a", "list"))));
        answers.add(await(streamUnary(channel, JOIN, waiting("a", "generator"))));
        answers.add(joined(streamStream(channel, CHAT, waiting("all", "of", "it"))));
        return answers;
    }

    private static AsyncIterable<String> waiting(String... words) {
        return asyncGenerator(gen -> {
            for (String word : words) {
                await(sleep(Duration.ofMillis(1)));
                gen.yield(word);
            }
        });
    }

    private static String joined(AsyncIterable<String> responses) {
        try (responses) {
            return String.join(" ", responses);
        }
    }

    static List<String> shoutTogether(Channel channel, int count) {
        var calls = new ArrayList<dev.simul.facade.Future<String>>();
        for (int i = 0; i < count; i++) {
            calls.add(unaryUnary(channel, SHOUT, "word " + i));
        }
        return await(gather(calls));
    }

    static String shout(Channel channel, String word) {
        return await(unaryUnary(channel, SHOUT, word));
    }

    /** The first responses of a stream that has no end, which is closed then. */
    static String firstOf(Channel channel, int count) {
        var first = new StringBuilder();
        try (var responses = unaryStream(channel, SPELL, "endless")) {
            for (String response : responses) {
                first.append(response);
                if (first.length() == count) {
                    break;
                }
            }
        }
        return first.toString();
    }

    /** Requests without end, of which the server wants no more after some. */
    static String joinUntilEnough(Channel channel, List<String> events) {
        return await(streamUnary(channel, JOIN, asyncGenerator(gen -> {
            try {
                for (int i = 0; ; i++) {
                    gen.yield(i < 3 ? "word " : i == 3 ? "enough" : "more");
                    await(sleep(Duration.ofMillis(1)));
                }
            } finally {
                events.add("the requests are closed");
            }
        })));
    }

    static String failingRequests(Channel channel) {
        return await(streamUnary(channel, JOIN, asyncGenerator(gen -> {
            gen.yield("one");
            throw new IOException("out of words");
        })));
    }

    /** Many messages there and back; the responses are counted. */
    static int chat(Channel channel, int count) {
        int taken = 0;
        Iterable<String> requests = () -> java.util.stream.IntStream.range(0, count).mapToObj(i -> "word " + i).iterator();
        try (var responses = streamStream(channel, CHAT, requests)) {
            for (String response : responses) {
                if (taken < count && !response.equals("WORD " + taken)) {
                    throw new AssertionError(response + " instead of " + taken);
                }
                taken++;
            }
        }
        return taken;
    }

    static List<String> byFutures(Channel channel) {
        var responses = unaryStream(channel, SPELL, "ab");
        var first = await(responses.anext());
        var second = await(responses.anext("none"));
        var third = await(responses.anext("none"));
        await(responses.aclose());
        return List.of(first, second, third);
    }
}
