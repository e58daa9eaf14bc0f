// SPDX-License-Identifier: Apache-2.0
/** Netty's channels on the event loop, and drivers that stand on them. */
@SuppressWarnings("requires-automatic") // Some drivers have no module descriptors.
module dev.simul.netty {
    requires transitive dev.simul.runtime;
    requires io.netty.buffer;
    requires transitive io.netty.common;
    requires transitive io.netty.resolver;
    requires transitive io.netty.transport;

    requires static dev.simul.facade;
    requires static io.grpc;
    requires static io.grpc.netty;
    requires static io.netty.handler;
    requires static io.netty.handler.proxy;
    requires static io.vertx.core;
    requires static io.vertx.sql.client;
    requires static io.vertx.sql.client.pg;
    requires static lettuce.core;
    requires static org.mongodb.driver.core;
    requires static org.reactivestreams;
    requires static reactor.core;
    requires static reactor.netty.core;

    exports dev.simul.netty;
    exports dev.simul.netty.grpc;
    exports dev.simul.netty.lettuce;
    exports dev.simul.netty.mongo;
    exports dev.simul.netty.reactor;
    exports dev.simul.netty.vertx;
    exports dev.simul.reactivestreams;

    provides dev.simul.FutureWrapper with dev.simul.netty.NettyFutureWrapper;
}
