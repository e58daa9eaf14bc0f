// SPDX-License-Identifier: Apache-2.0
package dev.simul.netty.docs;

import dev.simul.facade.Future;
import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import java.net.SocketAddress;

import static dev.simul.facade.Asyncio.await;
import static dev.simul.facade.Asyncio.createFuture;
import static dev.simul.facade.Asyncio.runLoop;
import static dev.simul.netty.NettyOnLoop.eventLoopGroup;
import static io.netty.buffer.Unpooled.copiedBuffer;
import static java.nio.charset.StandardCharsets.UTF_8;

/** The blocks of Java in the guide to Netty; {@code NettySamplesTest} runs them, the facade's DocsTest compares. */
final class NettySamplesInJava {
    private NettySamplesInJava() {}

    /** What the server of the samples answers to a question. */
    static String answer(String question) {
        return runLoop(() -> {
            Channel server = echoServer();
            try {
                return ask(server.localAddress(), question);
            } finally {
                await(server.close());
            }
        });
    }

    static Channel echoServer() {
        ChannelFuture bound = new ServerBootstrap()
                .group(eventLoopGroup())
                .channel(NioServerSocketChannel.class)
                .childHandler(new ChannelInboundHandlerAdapter() {
                    @Override
                    public boolean isSharable() {
                        return true;
                    }

                    @Override
                    public void channelRead(ChannelHandlerContext context, Object message) {
                        context.writeAndFlush(message);
                    }
                })
                .bind("127.0.0.1", 0);
        await(bound);
        return bound.channel();
    }

    static String ask(SocketAddress server, String question) {
        Future<String> answer = createFuture();
        ChannelFuture connecting = new Bootstrap()
                .group(eventLoopGroup())
                .channel(NioSocketChannel.class)
                .handler(new SimpleChannelInboundHandler<ByteBuf>() {
                    @Override
                    protected void channelRead0(ChannelHandlerContext context, ByteBuf message) {
                        answer.complete(message.toString(UTF_8));
                    }
                })
                .connect(server);
        try {
            await(connecting);
            await(connecting.channel().writeAndFlush(copiedBuffer(question, UTF_8)));
            return await(answer);
        } finally {
            connecting.channel().close();
        }
    }
}
