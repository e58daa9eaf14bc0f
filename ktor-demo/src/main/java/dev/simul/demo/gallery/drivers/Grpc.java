// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.gallery.drivers;

import dev.simul.facade.Event;
import dev.simul.facade.Future;
import dev.simul.facade.Queue;
import io.grpc.Channel;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.NettyServerBuilder;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.TimeoutException;
import java.util.stream.IntStream;

import static dev.simul.demo.gallery.Stage.run;
import static dev.simul.facade.Asyncio.asyncGenerator;
import static dev.simul.facade.Asyncio.await;
import static dev.simul.facade.Asyncio.gather;
import static dev.simul.facade.Asyncio.sleep;
import static dev.simul.facade.Asyncio.timeout;
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
import static java.nio.charset.StandardCharsets.UTF_8;
import static java.time.Duration.ofHours;
import static java.time.Duration.ofSeconds;

final class Grpc {
    /** Messages are text here; protocol buffers would have marshallers and methods that are generated. */
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
                .setFullMethodName("Numbers/" + name)
                .setType(type)
                .build();
    }

    static final MethodDescriptor<String, String> SQUARE = method("Square", MethodType.UNARY);
    static final MethodDescriptor<String, String> COUNT = method("Count", MethodType.SERVER_STREAMING);
    static final MethodDescriptor<String, String> SUM = method("Sum", MethodType.CLIENT_STREAMING);
    static final MethodDescriptor<String, String> DOUBLE = method("Double", MethodType.BIDI_STREAMING);

    static ServerServiceDefinition numbers(Event isCancelled) {
        return ServerServiceDefinition.builder("Numbers")
                .addMethod(SQUARE, unaryUnaryHandler((number, context) -> {
                    if (!number.matches("\\d+")) {
                        throw Status.INVALID_ARGUMENT.withDescription(number + " is no number").asRuntimeException();
                    }
                    int factor = Integer.parseInt(number);
                    return Integer.toString(factor * factor);
                }))
                .addMethod(COUNT, unaryStreamHandler((start, context) -> asyncGenerator(gen -> {
                    int number = Integer.parseInt(start);
                    try {
                        while (true) {
                            if (number == 13) {
                                await(sleep(ofHours(1)));
                            }
                            gen.yield(Integer.toString(number++));
                        }
                    } catch (CancellationException e) {
                        System.out.println("The server, at " + number + ", was cancelled");
                        isCancelled.set();
                        throw e;
                    }
                })))
                .addMethod(SUM, streamUnaryHandler((numbers, context) -> {
                    int sum = 0;
                    for (String number : numbers) {
                        sum += Integer.parseInt(number);
                    }
                    return Integer.toString(sum);
                }))
                .addMethod(DOUBLE, streamStreamHandler((numbers, context) -> asyncGenerator(gen -> {
                    for (String number : numbers) {
                        gen.yield(Integer.toString(2 * Integer.parseInt(number)));
                    }
                })))
                .build();
    }

    static void go(Channel channel, Event isCancelled) {
        var squares = new ArrayList<Future<String>>();
        for (int number = 0; number < 10; number++) {
            squares.add(unaryUnary(channel, SQUARE, Integer.toString(number)));
        }
        System.out.println("Ten calls at once: " + await(gather(squares)));
        try {
            await(unaryUnary(channel, SQUARE, "a dozen"));
        } catch (StatusRuntimeException e) {
            System.out.println(e.getMessage());
        }

        var oneToHundred = IntStream.rangeClosed(1, 100).mapToObj(Integer::toString).toList();
        System.out.println("The sum of a stream: " + await(streamUnary(channel, SUM, oneToHundred)));

        var asked = new Queue<Optional<String>>();
        var doubles = streamStream(channel, DOUBLE, asyncGenerator(gen -> {
            for (var number = await(asked.get()); number.isPresent(); number = await(asked.get())) {
                gen.yield(number.get());
            }
        }));
        for (String number : List.of("1", "2", "4")) {
            await(asked.put(Optional.of(number)));
            System.out.println("Twice " + number + " is " + await(doubles.anext()));
        }
        await(asked.put(Optional.empty()));
        System.out.println(await(doubles.anext("Both have ended")));

        try {
            await(timeout(ofSeconds(1), () -> {
                try (var numbers = unaryStream(channel, COUNT, "10")) {
                    for (String number : numbers) {
                        System.out.println("Counting: " + number);
                    }
                }
            }), TimeoutException.class);
        } catch (TimeoutException e) {
            System.out.println("The client waited no longer than a second");
        }
        await(isCancelled.waitUntilSet());
    }

    static void main(String[] args) {
        run(() -> {
            var isCancelled = new Event();
            var server = await(start(NettyServerBuilder.forAddress(new InetSocketAddress("127.0.0.1", 0))
                    .addService(numbers(isCancelled))));
            var channel = onLoop(NettyChannelBuilder.forAddress("127.0.0.1", server.getPort()).usePlaintext()).build();
            try {
                go(channel, isCancelled);
            } finally {
                await(close(channel));
                await(stop(server));
            }
        });
    }
}
