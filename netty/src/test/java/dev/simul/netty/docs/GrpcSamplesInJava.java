// SPDX-License-Identifier: Apache-2.0
package dev.simul.netty.docs;

import dev.simul.facade.Future;
import dev.simul.facade.Queue;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientInterceptors;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.Server;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.MetadataUtils;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;

import static dev.simul.facade.Asyncio.asyncGenerator;
import static dev.simul.facade.Asyncio.await;
import static dev.simul.facade.Asyncio.gather;
import static dev.simul.facade.Asyncio.sleep;
import static dev.simul.facade.Asyncio.timeout;
import static dev.simul.facade.VirtualClock.runTest;
import static dev.simul.netty.grpc.GrpcOnLoop.close;
import static dev.simul.netty.grpc.GrpcOnLoop.onLoop;
import static dev.simul.netty.grpc.GrpcOnLoop.start;
import static dev.simul.netty.grpc.GrpcOnLoop.stop;
import static dev.simul.netty.grpc.GrpcOnLoop.streamStream;
import static dev.simul.netty.grpc.GrpcOnLoop.streamStreamHandler;
import static dev.simul.netty.grpc.GrpcOnLoop.streamUnary;
import static dev.simul.netty.grpc.GrpcOnLoop.streamUnaryHandler;
import static dev.simul.netty.grpc.GrpcOnLoop.unaryStream;
import static dev.simul.netty.grpc.GrpcOnLoop.unaryStreamHandler;
import static dev.simul.netty.grpc.GrpcOnLoop.unaryUnary;
import static dev.simul.netty.grpc.GrpcOnLoop.unaryUnaryHandler;
import static io.grpc.Metadata.ASCII_STRING_MARSHALLER;
import static java.nio.charset.StandardCharsets.UTF_8;
import static java.time.Duration.ofMillis;
import static java.time.Duration.ofSeconds;

/** The blocks of Java in the guide to gRPC; GrpcSamplesTest runs them, the facade's DocsTest compares. */
final class GrpcSamplesInJava {
    private GrpcSamplesInJava() {}

    enum Text implements MethodDescriptor.Marshaller<String> {
        UTF8;

        @Override
        public InputStream stream(String text) {
            return new ByteArrayInputStream(text.getBytes(UTF_8));
        }

        @Override
        public String parse(InputStream stream) {
            try {
                return new String(stream.readAllBytes(), UTF_8);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    static MethodDescriptor<String, String> method(String name, MethodType type) {
        return MethodDescriptor.newBuilder(Text.UTF8, Text.UTF8)
                .setFullMethodName("guide.Greeter/" + name)
                .setType(type)
                .build();
    }

    static final MethodDescriptor<String, String> GREET = method("Greet", MethodType.UNARY);
    static final MethodDescriptor<String, String> COUNT = method("Count", MethodType.SERVER_STREAMING);
    static final MethodDescriptor<String, String> SUM = method("Sum", MethodType.CLIENT_STREAMING);
    static final MethodDescriptor<String, String> CHAT = method("Chat", MethodType.BIDI_STREAMING);

    static String greetWorld() {
        var greeter = ServerServiceDefinition.builder("guide.Greeter")
                .addMethod(GREET, unaryUnaryHandler((name, context) -> "Hello, " + name + "!"))
                .build();
        Server server = await(start(
                NettyServerBuilder.forAddress(new InetSocketAddress("127.0.0.1", 0)).addService(greeter)));
        try {
            var channel = onLoop(NettyChannelBuilder.forAddress("127.0.0.1", server.getPort()).usePlaintext()).build();
            try {
                return await(unaryUnary(channel, GREET, "world"));
            } finally {
                await(close(channel));
            }
        } finally {
            await(stop(server, ofSeconds(5)));
        }
    }

    static ServerServiceDefinition greeter() {
        return ServerServiceDefinition.builder("guide.Greeter")
                .addMethod(GREET, unaryUnaryHandler((name, context) -> {
                    if (name.isEmpty()) {
                        throw Status.INVALID_ARGUMENT.withDescription("say your name").asRuntimeException();
                    }
                    await(sleep(ofMillis(10)));
                    return "Hello, " + name + "!";
                }))
                .addMethod(COUNT, unaryStreamHandler((limit, context) -> asyncGenerator(gen -> {
                    for (int number = 1; number <= Integer.parseInt(limit); number++) {
                        await(sleep(ofMillis(1)));
                        gen.yield(Integer.toString(number));
                    }
                })))
                .addMethod(SUM, streamUnaryHandler((numbers, context) -> {
                    int sum = 0;
                    for (String number : numbers) {
                        sum += Integer.parseInt(number);
                    }
                    return Integer.toString(sum);
                }))
                .addMethod(CHAT, streamStreamHandler((lines, context) -> asyncGenerator(gen -> {
                    for (String line : lines) {
                        gen.yield(new StringBuilder(line).reverse().toString());
                    }
                })))
                .build();
    }

    static List<Integer> countTo(Channel channel, int limit) {
        var numbers = new ArrayList<Integer>();
        for (String number : unaryStream(channel, COUNT, Integer.toString(limit))) {
            numbers.add(Integer.parseInt(number));
        }
        return numbers;
    }

    static Optional<Integer> firstAbove(Channel channel, int bound) {
        try (var numbers = unaryStream(channel, COUNT, "1000000")) {
            for (String number : numbers) {
                if (Integer.parseInt(number) > bound) {
                    return Optional.of(Integer.parseInt(number));
                }
            }
        }
        return Optional.empty();
    }

    static int sumOf(Channel channel, int limit) {
        var sum = await(streamUnary(channel, SUM, asyncGenerator(gen -> {
            for (int number = 1; number <= limit; number++) {
                gen.yield(Integer.toString(number));
            }
        })));
        return Integer.parseInt(sum);
    }

    static List<String> converse(Channel channel, List<String> lines) {
        var said = new Queue<Optional<String>>();
        var answers = streamStream(channel, CHAT, asyncGenerator(gen -> {
            for (var line = await(said.get()); line.isPresent(); line = await(said.get())) {
                gen.yield(line.get());
            }
        }));
        var heard = new ArrayList<String>();
        for (String line : lines) {
            await(said.put(Optional.of(line)));
            heard.add(await(answers.anext()));
        }
        await(said.put(Optional.empty()));
        answers.forEach(heard::add);
        return heard;
    }

    static String greetInTime(Channel channel, String name) {
        try {
            return await(timeout(ofMillis(1), () -> await(unaryUnary(channel, GREET, name))), TimeoutException.class);
        } catch (TimeoutException e) {
            return "no time for " + name;
        }
    }

    static String greetByDeadline(Channel channel, String name) {
        try {
            return await(unaryUnary(channel, GREET, name, CallOptions.DEFAULT.withDeadlineAfter(1, TimeUnit.MILLISECONDS)));
        } catch (StatusRuntimeException e) {
            return e.getStatus().getCode() + " for " + name;
        }
    }

    static final Metadata.Key<String> USER = Metadata.Key.of("user", ASCII_STRING_MARSHALLER);
    static final Metadata.Key<String> COST = Metadata.Key.of("cost", ASCII_STRING_MARSHALLER);

    static ServerServiceDefinition accountant() {
        return ServerServiceDefinition.builder("guide.Greeter")
                .addMethod(GREET, unaryUnaryHandler((name, context) -> {
                    context.getTrailingMetadata().put(COST, name.length() + " cents");
                    return "Hello, " + name + "! This is on " + context.getInvocationMetadata().get(USER) + ".";
                }))
                .build();
    }

    static List<String> greetAndPay(Channel channel, String name) {
        var trailers = new AtomicReference<Metadata>();
        var capturing = ClientInterceptors.intercept(
                channel, MetadataUtils.newCaptureMetadataInterceptor(new AtomicReference<>(), trailers));
        var metadata = new Metadata();
        metadata.put(USER, "Ada");
        String greeting = await(unaryUnary(capturing, GREET, name, CallOptions.DEFAULT, metadata));
        return List.of(greeting, trailers.get().get(COST));
    }

    static void testInProcess() {
        runTest(() -> {
            var server = InProcessServerBuilder.forName("greeter").directExecutor().addService(greeter()).build().start();
            var channel = InProcessChannelBuilder.forName("greeter").directExecutor().build();
            var greetings = new ArrayList<Future<String>>();
            for (int number = 0; number < 3; number++) {
                greetings.add(unaryUnary(channel, GREET, Integer.toString(number)));
            }
            assert await(gather(greetings)).equals(List.of("Hello, 0!", "Hello, 1!", "Hello, 2!"));
            channel.shutdown();
            server.shutdown();
        });
    }
}
